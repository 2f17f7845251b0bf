"""Match word rules against a text, in time that grows with the text and hardly with the number of rules.

Each word of the text is looked up in a table. No pattern becomes a regular expression, so nobody can write
one that backtracks.
"""

from __future__ import annotations

from bisect import insort
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

from .word_rules import Pattern, Span, Words

K = TypeVar("K")


class WordTable(Generic[K]):
    """Patterns, each with the key of its rule."""

    def __init__(self, patterns: Iterable[tuple[K, Pattern]]) -> None:
        self._plain: _Node[K] = _Node()
        self._looks: _Node[K] = _Node()
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


class _Node(Generic[K]):
    """The phrases that begin with certain words; the root has all phrases, of one or more words."""

    __slots__ = ("keys", "lengths", "next", "prefixes")

    def __init__(self) -> None:
        self.keys: list[K] = []  # of the phrases that end here
        self.next: dict[str, _Node[K]] = {}  # by the next word
        self.prefixes: defaultdict[str, list[K]] = defaultdict(list)  # by the beginning of the last word
        self.lengths: list[int] = []  # of the prefixes, ascending

    def add(self, words: list[str], is_prefix: bool, key: K) -> None:
        node = self
        for word in words[:-1] if is_prefix else words:
            node = node.next.setdefault(word, _Node())
        if is_prefix:
            node.prefixes[words[-1]].append(key)
            if (length := len(words[-1])) not in node.lengths:
                insort(node.lengths, length)
        else:
            node.keys.append(key)

    def find(self, forms: list[str], words: Words) -> Iterator[tuple[K, int, int]]:
        """Rules that match, with the places of the first and the last word."""
        reach = words.reach
        for first in range(len(forms)):
            node = self
            for last in range(first, first + reach[first]):
                word = forms[last]
                for length in node.lengths:
                    if length > len(word):
                        break
                    for key in node.prefixes.get(word[:length], ()):
                        yield key, first, last
                if word not in node.next:
                    break
                node = node.next[word]
                for key in node.keys:
                    yield key, first, last
