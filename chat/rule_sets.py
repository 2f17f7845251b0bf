"""Sets of word and link rules, compiled: which rules a text matches, and the text with its words masked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import chain, islice
from typing import NamedTuple

from . import link_rules, word_rules, word_tables
from .word_rules import Span

REFUSE, HOLD, MASK = "refuse", "hold", "mask"
WORD, LINK = "word", "link"
BULLETS = "•••"
MAX_MATCHES = 500  # in a text
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
        """The text for the author."""
        needs = "waits for a moderator" if self.effect == HOLD else "is not allowed"
        return self.explanation or f"“{self.pattern}” {needs}."


class Match(NamedTuple):
    rule: RuleRow
    span: Span | None  # None: in a link that the text has in another spelling


class RuleSet:
    def __init__(self, rows: Sequence[RuleRow]) -> None:
        hosts = [(row, link_rules.host_of(row.pattern)) for row in rows if row.kind == LINK]
        self.words = word_tables.WordTable(
            (row, word_rules.parse(row.pattern)) for row in rows if row.kind == WORD
        )
        self.hosts = link_rules.HostTable([(row, host) for row, host in hosts if host])


def in_text(rules: Iterable[RuleSet], text: str) -> list[Match]:
    """The rules that match the text as it was written, each time that they do, up to MAX_MATCHES."""
    read = word_rules.Words(text)
    found = chain.from_iterable(chain(each.words.find(read), each.hosts.find(text)) for each in rules)
    return [Match(rule, span) for rule, span in islice(found, MAX_MATCHES + 1)]


def in_html(rules: Iterable[RuleSet], html: str) -> list[Match]:
    """The rules of which the rendered text has a link."""
    hosts = link_rules.hosts_in_html(html)
    return [Match(rule, None) for each in rules for rule in each.hosts.matching(hosts)]


@lru_cache(COMPILED)
def compiled(rows: tuple[RuleRow, ...]) -> RuleSet:
    return RuleSet(rows)


def strongest(matches: Iterable[Match]) -> RuleRow | None:
    """The rule that refuses the text, else one that holds it, else None.

    A text is also refused if not all of it can be masked: with more than MAX_MATCHES, and for a link that it
    spells in another way than the rule.
    """
    held = None
    for number, (rule, span) in enumerate(matches):
        if rule.effect == REFUSE or number == MAX_MATCHES or (rule.effect == MASK and span is None):
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
