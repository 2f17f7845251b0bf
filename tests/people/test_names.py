"""Display names: which are valid, and which look alike."""

import time

import pytest

from chat import names
from chat.refusals import Refusal

LOOK_ALIKES = [
    ("Alice", "alice"),
    ("Alice", "AIice"),  # a capital I
    ("Alice", "A1ice"),
    ("Alice", "Al|ce"),
    ("Bob", "B0b"),
    ("Alice", "ａｌｉｃｅ"),
    ("Alice", "𝓐𝓵𝓲𝓬𝓮"),
    ("Alice", "аӏісе"),  # Cyrillic
    ("Alice", "ᴀʟɪᴄᴇ"),  # small capitals
    ("Alice", "al\u200bice"),  # zero width
    ("Alice", "al\u00adice"),  # soft hyphen
    ("Alice", "Al\ufe0fice"),  # variation selector
    ("Alice", "Al ice"),
    ("Alice", "Alice."),
    ("Amina", "Arnina"),
    ("Wayan", "VVayan"),
    ("Tom", "ТОМ"),  # Cyrillic capitals
    ("Straße", "STRASSE"),
    ("é", "e\u0301"),
]
DIFFERENT = [
    ("Alice", "Alisa"),
    ("Ayu", "Ayu 2"),
    ("José", "Josef"),
    ("सीमा", "सोमा"),
    ("Ryu", "Tzy"),
    ("Соня", "Таня"),
    ("小林", "大林"),
]
GOOD = [
    "Ayu",
    "Budi Santoso",
    "José",
    "Łukasz",
    "Соня",
    "Ιωάννης",
    "सीमा",
    "ขวัญ",
    "رضا",
    "小林 ゆき",
    "김 민준",
]
GOOD += ["Dr. O'Neil-Smith", "🙂", "Modesto", "Rudi 7", "Adminah", "Nguyễn Văn Ân"]
RESERVED = [
    "admin",
    "Admin",
    "ADMIN",
    "adm1n",
    "@dmin",
    "ádmin",
    "ａｄｍｉｎ",
    "ᴀdmin",
    "a d m i n",
    "adrnin",
]
RESERVED += [
    "admin2",
    "Obrolan admin",
    "The Moderator",
    "M0derator",
    "mod",
    "system",
    "Sys tem",
    "root",
]
RESERVED += ["support", "everyone", "staff", "owner", "Administratör"]


@pytest.mark.parametrize(("name", "other"), LOOK_ALIKES)
def test_names_that_look_alike_have_the_same_key(name, other):
    assert names.skeleton(name) == names.skeleton(other)


@pytest.mark.parametrize(("name", "other"), DIFFERENT)
def test_names_that_read_differently_have_different_keys(name, other):
    assert names.skeleton(name) != names.skeleton(other)


@pytest.mark.parametrize("name", GOOD)
def test_a_name_in_any_script_is_accepted_unchanged(name):
    assert names.check_name(f"  {name} ") == name


@pytest.mark.parametrize("name", RESERVED)
def test_a_name_that_suggests_an_official_role_is_reserved(name):
    assert refusal_code(name) == "name_reserved"


@pytest.mark.parametrize("name", ["Sоnya", "Аlice", "Pаypal", "Ελlη"])
def test_a_name_that_mixes_alphabets_is_refused(name):
    assert refusal_code(name) == "name_mixed"


@pytest.mark.parametrize("name", ["", "   ", "\u3164", "\u2800", "\u00ad"])
def test_a_name_without_a_visible_character_is_refused(name):
    assert refusal_code(name) == "name_empty"


@pytest.mark.parametrize("name", ["a\0b", "a\nb", "a\u202eb", "\ud800", "a\u0301\u0301\u0301\u0301\u0301"])
def test_a_name_with_characters_that_break_the_layout_is_refused(name):
    assert refusal_code(name) == "name_characters"


def test_a_name_has_at_most_forty_characters():
    assert names.check_name("x" * 40) == "x" * 40
    assert refusal_code("x" * 41) == "name_too_long"


def test_a_key_fits_its_column_even_when_normalization_expands_the_name():
    assert len(names.skeleton("\ufdfa" * 40)) == names.KEY_LENGTH


def test_a_key_is_computed_in_less_than_a_tenth_of_a_millisecond():
    names.skeleton("Ayu Lestari")
    start = time.process_time()
    for _ in range(1_000):
        names.skeleton("Ayu Lestari")
    assert time.process_time() - start < 0.1


def refusal_code(name):
    with pytest.raises(Refusal) as refused:
        names.check_name(name)
    return refused.value.code
