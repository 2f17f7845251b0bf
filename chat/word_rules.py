"""Read a text as word rules do: its words without case and disguise.

Case, width, invisible characters and strokes through letters are
ignored. A word that has digits between its letters, or letters that only look Latin, also counts as the word
that it looks like: `k1ll`, and `kill` with a Cyrillic `і`.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cached_property, lru_cache
from typing import NamedTuple

from . import names

MAX_WORDS = 8  # in a pattern; from each word of a text at most so many are compared
GAP = 5  # characters between two words of a phrase, at most
KNOWN = 20_000  # characters whose folding is kept
PARSED = 5_000  # patterns that are kept: a room's rules are compiled again when one of them changes

# Read as nothing, also in the middle of a word.
INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff"
)
_MARKS = "".join(chr(code) for code in range(0x300, 0x1E950) if unicodedata.category(chr(code))[0] == "M")
_WORD = rf"(?>[\w{INVISIBLE}{_MARKS}]+)"
_TOKEN = re.compile(rf"<@\d+>|{_WORD}")  # of a text without underscores
_PLAIN = re.compile(rf"{_WORD}(?>(?: |[-'’.]){_WORD})*")  # a point joins the letters of f.o.o
_IS_INVISIBLE = re.compile(f"[{INVISIBLE}]")
# Thai, Lao, Tibetan, Burmese, Khmer, Japanese and Chinese have no spaces between words.
_UNSPACED = re.compile(
    "[\u0e00-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\uff66-\uff9d\U00020000-\U0003ffff]"
)
_OVERLAY = 1  # the combining class of strokes through a letter

Span = tuple[int, int]  # of a match in the text: start, end


class Pattern(NamedTuple):
    words: list[str]  # folded
    looks: list[str]
    is_prefix: bool  # the last word may continue
    inside: str = ""  # or, in scripts without spaces: found anywhere in the folded text


@lru_cache(PARSED)
def parse(pattern: str) -> Pattern:
    """The pattern of a rule. Without a letter or a digit it has no words and matches nothing."""
    if _UNSPACED.search(pattern):
        return Pattern([], [], False, "".join(map(_fold, pattern.strip("* "))))
    words = Words(pattern)
    return Pattern(words.folded, words.looks, pattern.endswith("*"))


def is_plain(pattern: str) -> bool:
    """Whether a pattern matches only what it says. Signs are ignored, so `c#` would also match `c`."""
    return _PLAIN.fullmatch(pattern.strip().removesuffix("*")) is not None


class Words:
    """The words of a text. Its parts are computed when a rule needs them."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.folded: list[str] = []
        self.spans: list[Span] = []
        self._is_pure: list[bool] = []  # of letters from a to z only, or of digits only
        for found in _TOKEN.finditer(text.replace("_", " ")):
            written = found[0]
            is_ascii = written.isascii()
            folded = written.lower() if is_ascii else "".join(map(_fold, written))
            if not folded or written[0] == "<":  # a mention
                continue
            self.folded.append(folded)
            self.spans.append(found.span())
            self._is_pure.append(is_ascii and (folded.isalpha() or folded.isdigit()))

    @cached_property
    def looks(self) -> list[str]:
        """The words that they look like."""
        return ["".join(map(names.look, folded)) for folded in self.folded]

    @cached_property
    def disguised(self) -> list[bool]:
        """Whether each may count as the word that it looks like."""
        if all(self._is_pure):
            return []
        words = zip(self._is_pure, self.looks, self.folded, strict=True)
        return [not is_pure and look != folded for is_pure, look, folded in words]

    @cached_property
    def reach(self) -> list[int]:
        """For each word, how many words from it on are close to each other, as those of a phrase are."""
        reach = [1] * len(self.spans)
        for place in range(len(reach) - 2, -1, -1):
            if self.spans[place + 1][0] - self.spans[place][1] <= GAP:
                reach[place] += reach[place + 1]
        return reach

    @cached_property
    def whole(self) -> tuple[str, list[int]]:
        """The folded text, and the place in the text of each of its characters."""
        parts = list(map(_fold, self.text))
        return "".join(parts), [place for place, part in enumerate(parts) for _ in part]


@lru_cache(KNOWN)
def _fold(character: str) -> str:
    """The character without case and width, taken apart, so that each composition of a letter is equal."""
    parts = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).casefold())
    return "".join(
        part for part in parts if unicodedata.combining(part) != _OVERLAY and not _IS_INVISIBLE.match(part)
    )
