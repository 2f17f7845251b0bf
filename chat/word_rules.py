"""Match word rules against a text, in time that grows with the text and hardly with the number of rules.

The text is split into words, and each is looked up in a table. No pattern becomes a regular expression, so
nobody can write one that backtracks. Case, width, invisible characters and strokes through letters are
ignored. A word that has digits between its letters, or letters that only look Latin, also counts as the word
that it looks like: `k1ll`, and `kill` with a Cyrillic `і`.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache
from typing import Generic, NamedTuple, TypeVar

from . import names

MAX_WORDS = 8  # in a pattern; a text is compared with phrases of each length
GAP = 5  # characters between two words of a phrase, at most
KNOWN = 20_000  # characters whose folding is kept

# Read as nothing, also in the middle of a word.
INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff"
)
_MARKS = "".join(chr(code) for code in range(0x300, 0x1E950) if unicodedata.category(chr(code))[0] == "M")
_TOKEN = re.compile(rf"<@\d+>|(?>[\w{INVISIBLE}{_MARKS}]+)")  # of a text without underscores
_IS_INVISIBLE = re.compile(f"[{INVISIBLE}]")
# Thai, Lao, Tibetan, Burmese, Khmer, Japanese and Chinese have no spaces between words.
_UNSPACED = re.compile(
    "[\u0e00-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\uff66-\uff9d\U00020000-\U0003ffff]"
)
_OVERLAY = 1  # the combining class of strokes through a letter

Span = tuple[int, int]  # of a match in the text: start, end
K = TypeVar("K")


class Pattern(NamedTuple):
    words: list[str]  # folded
    looks: list[str]
    is_prefix: bool  # the last word may continue
    inside: str = ""  # or, in scripts without spaces: found anywhere in the folded text


def parse(pattern: str) -> Pattern:
    """The pattern of a rule. Without a letter or a digit it has no words and matches nothing."""
    if _UNSPACED.search(pattern):
        return Pattern([], [], False, "".join(map(_fold, pattern.strip("* "))))
    words = Words(pattern)
    return Pattern(words.folded, words.looks, pattern.endswith("*"))


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


class WordTable(Generic[K]):
    """Patterns, each with the key of its rule."""

    def __init__(self, patterns: Iterable[tuple[K, Pattern]]) -> None:
        self._plain: _Phrases[K] = _Phrases()
        self._looks: _Phrases[K] = _Phrases()
        self._inside: defaultdict[str, list[tuple[str, K]]] = defaultdict(list)  # by their first characters
        for key, pattern in patterns:
            if pattern.inside:
                self._inside[pattern.inside[:2]].append((pattern.inside, key))
            elif pattern.words:
                self._plain.add(pattern.words, pattern.is_prefix, key)
                self._looks.add(pattern.looks, pattern.is_prefix, key)

    def find(self, words: Words) -> Iterator[tuple[K, Span]]:
        spans = words.spans
        for key, first, last in self._plain.find(words.folded, words):
            yield key, (spans[first][0], spans[last][1])
        if any(words.disguised):
            for key, first, last in self._looks.find(words.looks, words):
                if any(words.disguised[first : last + 1]):
                    yield key, (spans[first][0], spans[last][1])
        if self._inside:
            yield from self._find_inside(*words.whole)

    def _find_inside(self, text: str, places: list[int]) -> Iterator[tuple[K, Span]]:
        starts = {text[place : place + 2] for place in range(len(text))} | set(text)
        for start in starts & self._inside.keys():
            for pattern, key in self._inside[start]:
                at = text.find(pattern)
                while at >= 0:
                    yield key, (places[at], places[at + len(pattern) - 1] + 1)
                    at = text.find(pattern, at + len(pattern))


class _Phrases(Generic[K]):
    """Phrases of one or more words, in tables by their words."""

    def __init__(self) -> None:
        self._single: defaultdict[str, list[K]] = defaultdict(list)
        self._phrases: defaultdict[tuple[str, ...], list[K]] = defaultdict(list)
        self._prefixes: defaultdict[tuple[str, ...], list[K]] = defaultdict(list)
        self._prefix_lengths: list[int] = []  # ascending
        self._lengths: defaultdict[str, set[int]] = defaultdict(set)  # of phrases that begin with this word

    def add(self, words: list[str], is_prefix: bool, key: K) -> None:
        if is_prefix:
            self._prefix_lengths = sorted({*self._prefix_lengths, len(words[-1])})
            self._prefixes[tuple(words)].append(key)
        elif len(words) == 1:
            self._single[words[0]].append(key)
        else:
            self._phrases[tuple(words)].append(key)
        if len(words) > 1:
            self._lengths[words[0]].add(len(words))

    def find(self, forms: list[str], words: Words) -> Iterator[tuple[K, int, int]]:
        """Rules that match, with the places of the first and the last word."""
        for place, form in enumerate(forms):
            if form in self._single:
                yield from ((key, place, place) for key in self._single[form])
            if self._prefix_lengths:
                yield from ((key, place, place) for key in self._beginning((), form))
            for length in self._lengths.get(form, ()):
                if length <= words.reach[place]:
                    last = place + length - 1
                    before = tuple(forms[place:last])
                    yield from ((key, place, last) for key in self._phrases.get((*before, forms[last]), ()))
                    yield from ((key, place, last) for key in self._beginning(before, forms[last]))

    def _beginning(self, before: tuple[str, ...], word: str) -> Iterator[K]:
        for length in self._prefix_lengths:
            if length > len(word):
                break
            yield from self._prefixes.get((*before, word[:length]), ())


@lru_cache(KNOWN)
def _fold(character: str) -> str:
    """The character without case and width, taken apart, so that each composition of a letter is equal."""
    parts = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).casefold())
    return "".join(
        part for part in parts if unicodedata.combining(part) != _OVERLAY and not _IS_INVISIBLE.match(part)
    )
