"""The text of a message, ready to be stored: cleaned, masked and rendered, and the rule that stops it."""

from __future__ import annotations

from typing import NamedTuple

from chat import rule_sets, text
from chat.mention_tokens import Mentions, mentions_in
from chat.rule_sets import RuleRow

from .rule_cache import Rules


class Prepared(NamedTuple):
    text: str
    html: str
    mentions: Mentions
    rules: Rules = ()  # with which the text was matched
    stopped_by: RuleRow | None = None  # the rule that refuses or holds it
    masked_by: tuple[RuleRow, ...] = ()


def prepare(written: str, rules: Rules) -> Prepared:
    """Clean, mask and render a text. Takes no query. Raises Refusal: empty, too_long, characters."""
    cleaned = text.clean(written)
    if not rules:
        return rendered(cleaned)
    matches = rule_sets.in_text(rules, cleaned)
    shown = rendered(rule_sets.masked(cleaned, matches))
    if "<a " in shown.html:
        matches += rule_sets.in_html(rules, shown.html)
    masked_by = {match.rule: None for match in matches if match.rule.effect == rule_sets.MASK}
    return shown._replace(rules=rules, stopped_by=rule_sets.strongest(matches), masked_by=tuple(masked_by))


def rendered(cleaned: str) -> Prepared:
    """A text that is already clean."""
    html = text.render(cleaned)
    return Prepared(cleaned, html, mentions_in(html))
