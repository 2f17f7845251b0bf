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
from functools import lru_cache
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
_TOKEN = re.compile(rf"<@\d+>|(?>(?:[^\W_]|[{INVISIBLE}{_MARKS}])+)")
_IS_INVISIBLE = re.compile(f"[{INVISIBLE}]")
# Thai, Lao, Tibetan, Burmese, Khmer, Japanese and Chinese have no spaces between words.
_UNSPACED = re.compile(
    "[\u0e00-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\uff66-\uff9d\U00020000-\U0003ffff]"
)
_OVERLAY = 1  # the combining class of strokes through a letter

Span = tuple[int, int]  # of a match in the text: start, end
K = TypeVar("K")


class Word(NamedTuple):
    """A word of a text. `look` is the Latin word that it looks like, else the same as `folded`."""

    folded: str
    look: str
    start: int
    end: int


class Pattern(NamedTuple):
    words: tuple[str, ...]  # folded
    is_prefix: bool  # the last word may continue
    inside: str = ""  # or, in scripts without spaces: found anywhere in the folded text


def parse(pattern: str) -> Pattern:
    """The pattern of a rule. `words` and `inside` are empty if it has no letter or digit."""
    is_prefix = pattern.endswith("*")
    if _UNSPACED.search(pattern):
        return Pattern((), False, "".join(map(_fold, pattern.strip("* "))))
    words = tuple(word.folded for word in words_of(pattern))
    return Pattern(words, is_prefix and bool(words))


class WordTable(Generic[K]):
    """Patterns, each with the key of its rule."""

    def __init__(self, patterns: Iterable[tuple[K, Pattern]]) -> None:
        self._plain: _Phrases[K] = _Phrases()
        self._looks: _Phrases[K] = _Phrases()
        self._inside: defaultdict[str, list[tuple[str, K]]] = defaultdict(list)  # by their first two characters
        for key, pattern in patterns:
            if pattern.inside:
                self._inside[pattern.inside[:2]].append((pattern.inside, key))
                continue
            self._plain.add(pattern.words, pattern.is_prefix, key)
            looks = tuple(map(_look_of, pattern.words))
            if all(map(str.isascii, looks)):
                self._looks.add(looks, pattern.is_prefix, key)

    def find(self, text: str) -> Iterator[tuple[K, Span]]:
        words = list(words_of(text))
        for key, first, last in self._plain.find([word.folded for word in words], words):
            yield key, (words[first].start, words[last].end)
        if any(word.look != word.folded for word in words):
            looks = [word.look if word.look != word.folded else _look_of(word.folded) for word in words]
            for key, first, last in self._looks.find(looks, words):
                if any(word.look != word.folded for word in words[first : last + 1]):
                    yield key, (words[first].start, words[last].end)
        if self._inside:
            yield from self._find_inside(text)

    def _find_inside(self, text: str) -> Iterator[tuple[K, Span]]:
        folded, places = [], []
        for place, character in enumerate(text):
            parts = _fold(character)
            folded.append(parts)
            places += [place] * len(parts)
        whole = "".join(folded)
        starts = {whole[i : i + 2] for i in range(len(whole))} | set(whole)
        for start in starts & self._inside.keys():
            for pattern, key in self._inside[start]:
                at = whole.find(pattern)
                while at >= 0:
                    yield key, (places[at], places[at + len(pattern) - 1] + 1)
                    at = whole.find(pattern, at + len(pattern))


class _Phrases(Generic[K]):
    """Phrases of one or more words, by their words."""

    def __init__(self) -> None:
        self._whole: defaultdict[tuple[str, ...], list[K]] = defaultdict(list)
        self._prefixes: defaultdict[tuple[str, ...], list[K]] = defaultdict(list)
        self._prefix_lengths: list[int] = []  # ascending
        self._lengths: defaultdict[str, set[int]] = defaultdict(set)  # of phrases that begin with this word

    def add(self, words: tuple[str, ...], is_prefix: bool, key: K) -> None:
        if is_prefix:
            self._prefix_lengths = sorted({*self._prefix_lengths, len(words[-1])})
        (self._prefixes if is_prefix else self._whole)[words].append(key)
        if len(words) > 1:
            self._lengths[words[0]].add(len(words))

    def find(self, forms: list[str], words: list[Word]) -> Iterator[tuple[K, int, int]]:
        """Rules that match, with the indexes of the first and the last word."""
        for first, form in enumerate(forms):
            for key in self._matching((), form):
                yield key, first, first
            for length in self._lengths.get(form, ()):
                last = first + length - 1
                if last < len(forms) and _are_close(words[first : last + 1]):
                    for key in self._matching(tuple(forms[first:last]), forms[last]):
                        yield key, first, last

    def _matching(self, before: tuple[str, ...], last: str) -> Iterator[K]:
        yield from self._whole.get((*before, last), ())
        for length in self._prefix_lengths:
            if length > len(last):
                break
            yield from self._prefixes.get((*before, last[:length]), ())


def words_of(text: str) -> Iterator[Word]:
    for found in _TOKEN.finditer(text):
        written = found[0]
        if written[0] == "<":  # a mention
            continue
        if written.isascii():
            folded = written.lower()
            look = _look_of(folded) if not (written.isalpha() or written.isdigit()) else folded
        else:
            folded = "".join(map(_fold, written))
            look = _look_of(folded)
            look = look if look.isascii() else folded
        if folded:
            yield Word(folded, look, found.start(), found.end())


def _are_close(words: list[Word]) -> bool:
    return all(after.start - before.end <= GAP for before, after in zip(words, words[1:], strict=False))


def _look_of(folded: str) -> str:
    return "".join(map(names.look, folded))


@lru_cache(KNOWN)
def _fold(character: str) -> str:
    """The character without case and width, taken apart, so that each composition of a letter is equal."""
    parts = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).casefold())
    return "".join(
        part for part in parts if unicodedata.combining(part) != _OVERLAY and not _IS_INVISIBLE.match(part)
    )
