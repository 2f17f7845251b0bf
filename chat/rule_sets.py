"""Sets of word and link rules, compiled: which rules a text matches, and the text with its words masked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from . import link_rules, word_rules
from .word_rules import Span

REFUSE, HOLD, MASK = "refuse", "hold", "mask"
WORD, LINK = "word", "link"
BULLETS = "•••"
COMPILED = 200  # sets that are kept; the rules of the site are one set for all rooms


class RuleRow(NamedTuple):
    """The columns of a `Rule`."""

    id: int
    kind: str
    pattern: str
    effect: str
    explanation: str

    @property
    def reason(self) -> str:
        """What the author is told."""
        return self.explanation or f"“{self.pattern}” is not allowed."


class Match(NamedTuple):
    rule: RuleRow
    span: Span | None  # None: in a link that the text has in another spelling


class RuleSet:
    def __init__(self, rows: Sequence[RuleRow]) -> None:
        words = [(row, word_rules.parse(row.pattern)) for row in rows if row.kind == WORD]
        hosts = [(row, link_rules.host_of(row.pattern)) for row in rows if row.kind == LINK]
        self._words = word_rules.WordTable(words)
        self._hosts = link_rules.HostTable([(row, host) for row, host in hosts if host])

    def in_text(self, text: str) -> Iterator[Match]:
        for found in (self._words, self._hosts):
            yield from (Match(rule, span) for rule, span in found.find(text))

    def in_html(self, html: str) -> Iterator[Match]:
        return (Match(rule, None) for rule in self._hosts.find_in_html(html))


@lru_cache(COMPILED)
def compiled(rows: tuple[RuleRow, ...]) -> RuleSet:
    return RuleSet(rows)


def strongest(matches: Iterable[Match]) -> RuleRow | None:
    """The rule that refuses the text, else one that holds it, else None. A word that cannot be masked, since
    the text spells its link differently, refuses the text.
    """
    held = None
    for rule, span in matches:
        if rule.effect == REFUSE or (rule.effect == MASK and span is None):
            return rule
        if rule.effect == HOLD:
            held = held or rule
    return held


def masked(text: str, matches: Iterable[Match]) -> str:
    """The text with bullets for each match of a rule that masks. It never becomes longer."""
    spans = sorted(match.span for match in matches if match.rule.effect == MASK and match.span)
    parts, done = [], 0
    for start, end in spans:
        if start >= done:
            parts += [text[done:start], BULLETS[: end - start]]
        done = max(done, end)
    return "".join([*parts, text[done:]])
