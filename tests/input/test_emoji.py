"""Emoji: which texts are one, which messages are shown large, and the list that people choose from."""

import json
import time
import unicodedata

import pytest

from chat import emoji, text
from chat.refusals import Refusal

pytestmark = pytest.mark.once

FAMILY = "👨‍👩‍👧‍👦"
KISS = "👩🏿‍❤️‍💋‍👩🏻"  # the longest emoji, 10 characters


@pytest.mark.parametrize(
    "one", ["👍", "👍🏽", "❤️", "☕", "#️⃣", "🇮🇩", FAMILY, KISS, "🏴‍☠️", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🧑‍🩰"], ids=ascii
)
def test_an_emoji_is_stored_as_it_is(one):
    assert emoji.qualified(one) == one


@pytest.mark.parametrize(("written", "stored"), [("❤", "❤️"), ("©", "©️"), ("☺", "☺️"), ("🏳‍🌈", "🏳️‍🌈")])
def test_an_emoji_without_its_variation_selector_is_the_same_emoji(written, stored):
    assert emoji.qualified(written) == stored


@pytest.mark.parametrize(
    "other",
    [
        "",
        "a",
        "1",
        "#",
        "あ",
        "→",
        "👍👍",
        "👍 ",
        "👍\ufe0f",
        "🏽",
        "\ufe0f",
        "\u200d",
        "🇮",
        "🇽🇽",
        "👍" * 4_000,
    ],
    ids=lambda other: ascii(other)[:20],
)
def test_other_text_is_not_an_emoji(other):
    assert emoji.qualified(other) is None


@pytest.mark.parametrize(
    "alone", ["👍", "👍👍👍", "👍 ❤️ 🇮🇩", FAMILY + "#️⃣", f"{KISS} {KISS} {KISS}"], ids=ascii
)
def test_up_to_three_emoji_alone_are_shown_large(alone):
    assert text.render(alone) == f'<p class="large-emoji">{alone}</p>'


@pytest.mark.parametrize(
    "ordinary", ["👍👍👍👍", "👍 ok", "ok", "é", "3", "#", "*", "©", "👍\n👍", "<👍>"], ids=ascii
)
def test_other_messages_are_not_large(ordinary):
    assert "large-emoji" not in text.render(text.clean(ordinary))


@pytest.mark.parametrize("source", ['<p class="large-emoji">a', "large-emoji", '`class="large-emoji"`'])
def test_nobody_can_write_the_class_of_large_emoji(source):
    assert "<p class" not in text.render(source)


def test_looking_for_large_emoji_takes_a_few_microseconds():
    emoji.qualified("")  # loads the data
    for source in (
        "Selamat pagi, teman-teman!",
        "é" * 30,
        "👍" * 4_000,
        f"{KISS}{KISS}{KISS}",
        "👩🏿‍❤️‍💋‍" * 3,
    ):
        fastest = min(seconds_of_100_checks(source) for _ in range(5))
        assert fastest / 100 < 0.000_5, source


def seconds_of_100_checks(source):
    begun = time.thread_time()
    for _ in range(100):
        emoji.are_large(source)
    return time.thread_time() - begun


def test_every_listed_emoji_has_names_in_both_languages_and_can_be_a_reaction():
    groups = json.loads(emoji.catalogue())["groups"]
    entries = [entry for group in groups for entry in group["emoji"]]
    assert [group["name"] for group in groups] == list(emoji.GROUPS)
    assert len(entries) == len({entry[0] for entry in entries}) > 1_800
    assert min(len(group["emoji"]) for group in groups) > 50
    for one, name, codes, indonesian in entries:
        assert emoji.qualified(one) == one
        assert name and indonesian and ":" not in name + indonesian + "".join(codes)
        assert not any("EMOJI MODIFIER" in unicodedata.name(character, "") for character in one)


@pytest.mark.parametrize(
    ("group", "some"),
    [
        ("Smileys", "😀🥰❤️"),
        ("People", "👍🙏👨"),
        ("Food and drink", "🍜☕"),
        ("Symbols", "✅♻️🟰"),
        ("Flags", "🇮🇩🏁"),
    ],
)
def test_emoji_are_in_the_group_where_people_look_for_them(group, some):
    groups = {
        one["name"]: [entry[0] for entry in one["emoji"]] for one in json.loads(emoji.catalogue())["groups"]
    }
    assert not [
        one for one in some.replace("\ufe0f", "") if not any(e.startswith(one) for e in groups[group])
    ]


def test_a_reaction_that_is_no_emoji_is_refused():
    from chat.actions.changes import React

    with pytest.raises(Refusal, match="emoji"):
        React(1, 1, 1, "あ", True).prepare()
