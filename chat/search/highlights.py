"""The part of a message that a search found, in pieces, so that a page can mark the hits."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from .query import Term
from .words import fold, is_unspaced

BEFORE, SHOWN = 60, 240  # characters before the first hit, and in all
MOST_MARKS = 30


class Piece(NamedTuple):
    text: str
    is_hit: bool = False


def pieces(text: str, terms: Sequence[Term]) -> list[Piece]:
    """A part of the text with the first hit, as it was typed. Line ends become spaces."""
    text = " ".join(text.split())
    spans = list(_spans(text, terms))
    first = spans[0][0] if spans else 0
    start = max(0, first - BEFORE)
    if start:  # at the beginning of a word, unless that is far away
        start = first - len(text[start:first].partition(" ")[2]) if " " in text[start:first] else start
    end = min(len(text), start + SHOWN)
    found = [Piece("…")] if start else []
    at = start
    for begin, stop in spans:
        if begin < at or stop > end:
            continue
        found += [Piece(text[at:begin])] if begin > at else []
        found.append(Piece(text[begin:stop], is_hit=True))
        at = stop
    found.append(Piece(text[at:end]))
    return [*found, Piece("…")] if end < len(text) else found


def _spans(text: str, terms: Sequence[Term]) -> Iterator[tuple[int, int]]:
    """The places of the hits in the text, in order."""
    patterns = [_pattern(term) for term in terms if term.words]
    if not patterns:
        return
    folded, places = _folded(text)
    for count, hit in enumerate(re.finditer("|".join(patterns), folded)):
        if count == MOST_MARKS:
            return
        yield places[hit.start()], places[hit.end() - 1] + 1


def _pattern(term: Term) -> str:
    """The words with any signs between them."""
    pattern = r"(?>[\W_]*)".join(map(re.escape, term.words))
    if term.text.startswith(" "):
        kind = r"\d" if term.words[0].isdigit() else r"[^\W\d_]"
        pattern = f"(?<!{kind}){pattern}"
    if term.text.endswith(" ") and not is_unspaced(term.words[-1]):
        pattern += r"(?!\d)" if term.words[-1].isdigit() else r"(?![^\W\d_])"
    return pattern


def _folded(text: str) -> tuple[str, Sequence[int]]:
    """The folded text, and for each of its characters the place of the one that it came from."""
    if text.isascii():
        return text.lower(), range(len(text))
    folded: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        for each in fold(character):
            folded.append(each)
            places.append(place)
    return "".join(folded), places
