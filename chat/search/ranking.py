"""Best first: the order of the latest hits by how well they match."""

from __future__ import annotations

from collections.abc import Sequence

from chat.models import Message

from .query import Term

RANKED = 200  # latest hits
WHOLE, PART, TOGETHER = (
    3.0,
    1.0,
    5.0,
)  # points for a whole word, a part of one, and all words in the typed order
MOST_OF_ONE = 3  # times that a word counts
LENGTH = 400  # characters at which points are halved


def best(ids: Sequence[int], terms: Sequence[Term]) -> list[int]:
    """The same ids, best first, and newest first where two match as well."""
    found = dict(Message.objects.filter(pk__in=ids).values_list("pk", "search_text"))
    return sorted(found, key=lambda id: (-_points(found[id] or "", terms), -id))


def _points(text: str, terms: Sequence[Term]) -> float:
    points = 0.0
    for term in terms:
        whole = min(text.count(f" {term.text.strip()} "), MOST_OF_ONE)
        points += WHOLE * whole + PART * min(text.count(term.text) - whole, MOST_OF_ONE)
    if len(terms) > 1 and " ".join(term.text.strip() for term in terms) in text:
        points += TOGETHER
    return points / (1 + len(text) / LENGTH)
