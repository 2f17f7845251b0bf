"""Name rules: allowed display names, display names that look alike, and equal room names."""

import re
import unicodedata
from functools import cache

from confusable_homoglyphs.categories import alias
from confusable_homoglyphs.confusables import confusables_data

from . import text
from .refusals import Refusal

NAME_LENGTH = 40  # characters
KEY_LENGTH = 4 * NAME_LENGTH  # characters; one ligature can stand for 18 letters
ROOM_KEY_LENGTH = 240  # characters, as above
MAX_ACCENTS = 3  # on one letter; more would overlap the lines above and below

# Names that could be taken for staff or for a group. TITLES are also refused as a word of a name.
RESERVED = """
    abuse all anonymous channel deleted deletedaccount everybody everyone here mod mods nobody null official
    operator ops owner owners root security staff support undefined unknown webmaster
"""
TITLES = """
    admin admins administrator administrators moderator moderators obrolan superuser sysadmin system
"""

# Scripts that may be mixed in one name (Unicode TS 39, "highly restrictive").
MIXABLE_SCRIPTS = [
    {"LATIN", "HAN", "HIRAGANA", "KATAKANA"},
    {"LATIN", "HAN", "BOPOMOFO"},
    {"LATIN", "HAN", "HANGUL"},
]
_SPACING = {ord(character): None for character in " !\"#'()*,-./:;?@[\\]_`{}~"}
_ALIKE = {ord("0"): "o", ord("1"): "l", ord("i"): "l", ord("|"): "l"}  # as in AIice, a1ice and b0b
_LEET = str.maketrans("@$345", "aseas")


def check_name(name: str, *, official: bool = False) -> str:
    """The display name as it is stored. An `official` person may have a reserved name.

    Raises Refusal: name_empty, name_too_long, name_characters, name_mixed, name_reserved.
    """
    try:
        name = text.clean_line(name, NAME_LENGTH)
    except Refusal as refusal:
        code = "name_too_long" if refusal.code == "too_long" else "name_characters"
        raise Refusal(code, limit=NAME_LENGTH) from None
    if not name:
        raise Refusal("name_empty")
    if _has_too_many_accents(name):
        raise Refusal("name_characters")
    if mixes_scripts(name):
        raise Refusal("name_mixed")
    if is_reserved(name) and not official:
        raise Refusal("name_reserved")
    return name


def skeleton(name: str) -> str:
    """A key of at most KEY_LENGTH characters that is equal for names that look alike.

    It ignores case, width, spaces, punctuation and invisible characters, and maps look-alike letters of other
    alphabets to one letter. `i` and `l` are one letter too, because a capital I looks like a small l: the
    names Lia and Ila exclude each other.
    """
    name = unicodedata.normalize("NFKC", name).casefold()
    if not name.isascii():
        name = "".join(map(_prototype, unicodedata.normalize("NFC", name)))
    key = name.translate(_SPACING).translate(_ALIKE).replace("rn", "m").replace("vv", "w")
    return (key or name)[:KEY_LENGTH]


def room_key(name: str) -> str:
    """A room's normalised name, of at most ROOM_KEY_LENGTH characters. It ignores case, width, extra spaces
    and invisible characters.

    Rooms do not use `skeleton`, which drops punctuation and makes 1, l and i one letter: C and C#, or Group
    1.1 and Group 11, would be the same room.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    kept = "".join(c if text.is_visible(c) else " " if c.isspace() else "" for c in folded)
    return (" ".join(kept.split()) or name)[:ROOM_KEY_LENGTH]


def mixes_scripts(name: str) -> bool:
    if name.isascii():
        return False
    letters = [character for character in unicodedata.normalize("NFKC", name) if character.isalpha()]
    scripts = {alias(letter) for letter in letters} - {"COMMON", "INHERITED"}
    return len(scripts) > 1 and not any(scripts <= together for together in MIXABLE_SCRIPTS)


def is_reserved(name: str) -> bool:
    """Whether the name looks like one of RESERVED, or has one of TITLES as a word, also with a number."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(character for character in plain if not unicodedata.combining(character))
    spellings = (plain, plain.translate(_LEET))
    return any(_has_reserved_word(re.split(r"[\W_]+", spelling)) for spelling in spellings)


def _has_reserved_word(words: list[str]) -> bool:
    whole, titles = "".join(words), _keys(TITLES)
    if skeleton(whole) in titles | _keys(RESERVED):
        return True
    return any(skeleton(_without_number(word)) in titles for word in words)


def _without_number(word: str) -> str:
    return word.rstrip("0123456789") or word


@cache
def _keys(words: str) -> frozenset[str]:
    return frozenset(map(skeleton, words.split()))


@cache
def look(character: str) -> str:
    """The letter of a skeleton that stands for this folded character."""
    return _prototype(character).translate(_ALIKE)


@cache
def _prototype(character: str) -> str:
    """The letter that this one looks like. If the small letter resembles none, its capital decides."""
    if character.isascii():
        return character
    if unicodedata.category(character)[0] in "ZC" or not text.is_visible(character):
        return ""
    if small_capital := re.fullmatch("LATIN LETTER SMALL CAPITAL ([A-Z])", unicodedata.name(character, "")):
        return small_capital[1].casefold()
    found = _look_alike(character)
    if not (found.isascii() and found.isalnum()):
        capital = _look_alike(character.upper())
        found = capital if capital.isascii() and capital.isalnum() else found
    return found


def _look_alike(character: str) -> str:
    """The original of a confusable letter. The library lists the original for a copy, and all copies for an
    original.
    """
    others = confusables_data.get(character, [])
    if len(others) != 1:
        return character
    original = others[0]["c"].strip("\u200e").casefold()
    is_pair_listed_both_ways = [other["c"] for other in confusables_data.get(original, [])] == [character]
    return min(character, original) if is_pair_listed_both_ways else original


def _has_too_many_accents(name: str) -> bool:
    run = 0
    for character in name:
        run = run + 1 if unicodedata.combining(character) else 0
        if run > MAX_ACCENTS:
            return True
    return False
