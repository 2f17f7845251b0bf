"""The words of a text, as the index has them: the same for messages and for queries.

`Message.search_text` is these words with one space before, between and after them. So a part of a word, a
whole word and a phrase are all found as a part of that text. Case, width and accents are folded. Scripts
without spaces, such as Chinese, become pairs of letters: 今日は is `今日 日は`. A word ends where letters
change to digits. Marks such as `=link` cannot be typed, since `=` is no letter.
"""

import re
import unicodedata
from typing import Any

from chat.mention_tokens import TOKEN

LONGEST = 40  # letters; longer words, such as encoded data, are cut into pieces
LINK, ALL = "=link", "=all"

_ACCENTS = re.compile("[\u0300-\u036f]+")
# Thai to Myanmar, Khmer, and Chinese and Japanese.
UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_SYMBOLS = "\u2600-\u27bf\U0001f300-\U0001faff"  # emoji, which are words of their own


def _marks() -> str:
    """A character class of the marks that are part of a word, such as the vowels of Hindi."""
    found = (chr(point) for point in range(0x0483, 0x1000))
    return "".join(c for c in found if unicodedata.category(c)[0] == "M")


_ASCII = re.compile(f"[a-z]{{1,{LONGEST}}}|[0-9]{{1,{LONGEST}}}")
_ANY = re.compile(
    f"(?P<pairs>[{UNSPACED}]+)|[^\\W\\D]{{1,{LONGEST}}}"
    f"|(?:(?![{UNSPACED}])[^\\W\\d_]|[{_marks()}]){{1,{LONGEST}}}|[{_SYMBOLS}]"
)
_UNSPACED = re.compile(f"[{UNSPACED}]")


def fold(text: str) -> str:
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFKC", text).casefold()
    return unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFD", folded)))


def words(text: str) -> list[str]:
    """The words of a text, in order. Text without spaces is one word; `in_pairs` splits it."""
    folded = fold(text)
    return _ASCII.findall(folded) if folded.isascii() else [found[0] for found in _ANY.finditer(folded)]


def in_pairs(words: list[str]) -> list[str]:
    """The same words, with pairs of letters instead of each word of a script without spaces."""
    if all(map(str.isascii, words)):
        return words
    return [part for word in words for part in (_pairs(word) if is_unspaced(word) else [word])]


def _pairs(word: str) -> list[str]:
    return [word[at : at + 2] for at in range(len(word) - 1)] or [word]


def is_unspaced(word: str) -> bool:
    return bool(_UNSPACED.match(word))


def search_text(message: Any) -> str:
    """The words of a message for the index. A deleted or hidden message has none."""
    if message.deleted_at is not None:
        return ""
    text = TOKEN.sub(" ", message.text) if "<@" in message.text else message.text
    found = in_pairs(words(text))
    if "<a href=" in message.html:
        found.append(LINK)
    found += [mark_of(id) for id in message.mentions]
    if message.mentions_all:
        found.append(ALL)
    return f" {' '.join(found)} " if found else ""


def mark_of(user_id: int) -> str:
    """The word of a message that mentions this person."""
    return f"={user_id}"
