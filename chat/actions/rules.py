"""Word and link rules of a room or of the whole site: add, remove and try them."""

from __future__ import annotations

from typing import NamedTuple

from django.db import IntegrityError, transaction

from chat import link_rules, text, word_rules
from chat.models import Room, Rule, User
from chat.models.rule import EXPLANATION_LENGTH, PATTERN_LENGTH
from chat.refusals import Refusal
from chat.rule_sets import HOLD, RuleRow

from . import audit, authority, rule_cache
from .prepared import prepare

MAX_RULES = 500  # of a room, and of the site: a text is matched in some milliseconds


class Trial(NamedTuple):
    """The effect of the rules on a text."""

    effect: str  # refuse, hold, mask, or "" if it is posted as it is
    stopped_by: RuleRow | None  # the rule that refuses or holds it
    masked_by: tuple[RuleRow, ...]
    text: str  # as it would be stored


def add(
    room: Room | None, *, by: User, pattern: str, effect: str, kind: str = Rule.WORD, explanation: str = ""
) -> Rule:
    """Add a rule to a room, or without one to the whole site. It applies from the next post on.

    Raises Refusal: no_room, not_allowed, rule_empty, rule_signs, rule_too_long, rule_words, rule_characters,
    rule_host, rule_exists, too_many_rules.
    """
    if kind not in dict(Rule.KINDS) or effect not in dict(Rule.EFFECTS):
        raise Refusal("bad_mode")
    pattern, explanation = clean_pattern(pattern, kind), _clean(explanation, EXPLANATION_LENGTH)
    try:
        with transaction.atomic():
            parties = _lock(room, by)
            if Rule.objects.filter(room=room).count() >= MAX_RULES:
                raise Refusal("too_many_rules", limit=MAX_RULES)
            rule = Rule.objects.create(
                room=parties.room, kind=kind, pattern=pattern, effect=effect, explanation=explanation, by=by
            )
            audit.record([_decision(rule, by, parties.room, added=True)])
    except IntegrityError:
        raise Refusal("rule_exists") from None
    return rule


def remove(rule: Rule, *, by: User) -> None:
    """Remove a rule. A repetition has no effect. Raises Refusal: no_room, not_allowed."""
    with transaction.atomic():
        parties = _lock(rule.room, by)
        removed, _ = Rule.objects.filter(pk=rule.pk).delete()
        if removed:
            audit.record([_decision(rule, by, parties.room, added=False)])


def try_text(room: Room | None, written: str) -> Trial:
    """The effect of the rules of a room and of the site on this text. Nothing is stored or logged.

    Raises Refusal: empty, too_long, characters.
    """
    found = prepare(written, rule_cache.read(room.pk if room else None))
    rule = found.stopped_by
    effect = "mask" if found.masked_by else ""
    if rule:
        effect = HOLD if rule.effect == HOLD else "refuse"
    return Trial(effect, rule, found.masked_by, found.text)


def clean_pattern(pattern: str, kind: str) -> str:
    """The pattern as it is stored: words as they were written, a host in small letters.

    Raises Refusal: rule_empty, rule_signs, rule_too_long, rule_words, rule_characters, rule_host.
    """
    pattern = " ".join(_clean(pattern, PATTERN_LENGTH).split())
    if kind == Rule.LINK:
        host = link_rules.host_of(pattern)
        if host is None:
            raise Refusal("rule_host")
        return host
    parsed = word_rules.parse(pattern)
    if not (parsed.words or parsed.inside):
        raise Refusal("rule_empty")
    if not parsed.inside and not word_rules.is_plain(pattern):
        raise Refusal("rule_signs")
    if len(parsed.words) > word_rules.MAX_WORDS:
        raise Refusal("rule_words", limit=word_rules.MAX_WORDS)
    return pattern


def _clean(line: str, limit: int) -> str:
    try:
        return text.clean_line(line, limit)
    except Refusal as refusal:
        raise Refusal(f"rule_{refusal.code}", limit=limit) from None


def _lock(room: Room | None, by: User) -> authority.Parties:
    """Lock the room, or for a rule of the site all rooms, and have posts read the rules again."""
    if room and room.is_direct:
        raise Refusal("direct_only")
    action = "set_rules" if room else "set_site_rules"
    authority.require_first(action, None, by, room)
    parties = authority.lock(None, by, room.pk if room else None, decides=True)
    authority.require(action, parties)
    return parties


def _decision(rule: Rule, by: User, room: Room | None, *, added: bool) -> audit.Decision:
    details = {"added" if added else "removed": rule.pattern, "kind": rule.kind, "effect": rule.effect}
    return audit.Decision("set_rules" if room else "set_site_rules", by, room=room, details=details)
