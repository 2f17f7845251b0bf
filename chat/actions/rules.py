"""Word and link rules of a room or of the whole site: add, remove and try them."""

from __future__ import annotations

from typing import NamedTuple

from chat.models import Room, Rule, User


class Trial(NamedTuple):
    """What would happen to a text: the effect (None: it is posted), the rules that match, and the text as it
    would be stored.
    """

    effect: str | None
    matching: list[Rule]
    text: str


def add(
    room: Room | None, *, by: User, pattern: str, kind: str = Rule.WORD, effect: str, explanation: str = ""
) -> Rule:
    """Add a rule to a room, or without one to the whole site.

    Raises Refusal: no_room, not_allowed, rule_empty, rule_too_long, rule_characters, rule_host, rule_exists,
    too_many_rules.
    """
    raise NotImplementedError


def remove(rule: Rule, *, by: User) -> None:
    """Remove a rule. A repetition has no effect. Raises Refusal: no_room, not_allowed."""
    raise NotImplementedError


def try_text(room: Room | None, text: str) -> Trial:
    """What the rules of a room and of the site would do with this text. Nothing is stored or logged."""
    raise NotImplementedError
