"""The query that a person types into the search box: words, "phrases" and filters such as `from:ayu`.

A word is found as a part of a word, a number as the beginning of a number, a phrase as whole words in this
order. A filter with a value that has spaces is `in:"Book club"`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date

from .words import LINK, in_pairs, is_unspaced, words

LONGEST = 300  # characters
MOST_WORDS = 10  # words and phrases
MOST_FILTERS = 10
KEYS = ("from", "in", "mentions", "has", "after", "before")

_PART = re.compile(
    r'(?P<key>[A-Za-z]{2,8}):(?:"(?P<quoted>[^"]*)"?|(?P<value>[^\s"]+))|"(?P<phrase>[^"]*)"?|[^\s"]+'
)


@dataclass(frozen=True, slots=True)
class Term:
    """A part of `Message.search_text`, with a space where a word must begin or end.

    `words` are the same words, not in pairs of letters, to mark them in a text.
    """

    text: str
    words: tuple[str, ...] = ()


HAS_LINK = Term(f" {LINK} ")


@dataclass
class Query:
    typed: str
    terms: list[Term] = field(default_factory=list)
    people: list[str] = field(default_factory=list)  # names, as typed; messages are by one of them
    rooms: list[str] = field(default_factory=list)
    mentions: list[str] = field(default_factory=list)
    has_link: bool = False
    after: date | None = None  # this day and later ones
    before: date | None = None  # earlier days
    problems: list[str] = field(default_factory=list)  # sentences for the person

    @property
    def is_empty(self) -> bool:
        dates = self.after or self.before
        return not (self.terms or self.people or self.rooms or self.mentions or self.has_link or dates)


def parse(typed: str) -> Query:
    """Read what was typed. It never fails: what cannot be used is explained in `problems`."""
    typed = " ".join(typed.replace("\0", " ").split())
    query = Query(typed)
    if len(typed) > LONGEST:
        query.problems.append(f"Use at most {LONGEST} characters.")
        return query
    filters = 0
    for part in _PART.finditer(typed):
        key = (part["key"] or "").lower()
        if key in KEYS:
            filters += 1
            if filters <= MOST_FILTERS:
                _FILTERS[key](query, (part["quoted"] or part["value"] or "").strip())
        elif len(query.terms) < MOST_WORDS:
            term = _phrase(part["phrase"]) if part["phrase"] is not None else _word(part[0])
            query.terms += [term] if term else []
    if query.is_empty and typed and not query.problems:
        query.problems.append("Type at least one letter or digit.")
    return query


def _word(typed: str) -> Term | None:
    found = words(typed)
    if not found:
        return None
    begins = " " if found[0].isdigit() else ""
    return Term(begins + " ".join(in_pairs(found)), tuple(found))


def _phrase(typed: str) -> Term | None:
    """Text without spaces has no whole words: there, a phrase is found anywhere."""
    found = words(typed)
    if not found:
        return None
    begins, ends = (" " if not is_unspaced(found[at]) else "" for at in (0, -1))
    return Term(begins + " ".join(in_pairs(found)) + ends, tuple(found))


def _from(query: Query, value: str) -> None:
    query.people += [value] if value else []


def _in(query: Query, value: str) -> None:
    query.rooms += [value] if value else []


def _mentions(query: Query, value: str) -> None:
    query.mentions += [value] if value else []


def _has(query: Query, value: str) -> None:
    if value.lower() in ("link", "links"):
        query.has_link = True
    else:
        query.problems.append("“has:” can be followed by “link”.")


def _after(query: Query, value: str) -> None:
    query.after = _date(query, "after", value)


def _before(query: Query, value: str) -> None:
    query.before = _date(query, "before", value)


def _date(query: Query, key: str, value: str) -> date | None:
    try:
        if re.fullmatch(r"(?:19[7-9]|2[0-9]{2})[0-9]-[0-9]{1,2}-[0-9]{1,2}", value):
            return date(*map(int, value.split("-")))
    except ValueError:
        pass
    query.problems.append(f"“{key}:” is followed by a date, such as {key}:2026-03-01.")
    return None


_FILTERS = {"from": _from, "in": _in, "mentions": _mentions, "has": _has, "after": _after, "before": _before}
