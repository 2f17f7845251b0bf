"""Refused, masked and held texts, counted for the audit log: one entry per person, room, rule and minute.

Anybody could fill the log by repeating a refused message, or by posting and withdrawing a held one. So the
counts stay in memory, and the process writes them once a minute; a process that is killed loses those of its
last minute.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from threading import Lock
from typing import Any, NamedTuple

from django.db import transaction

from chat.models import Room, User
from chat.rule_sets import RuleRow

from . import audit

WRITE_EVERY = 60.0  # seconds
MAX_COUNTED = 1_000  # in one minute; the rest is counted together


class Applied(NamedTuple):
    effect: str  # refuse, mask or hold
    person_id: int | None
    room_id: int | None
    rule: RuleRow | None
    reason: str = ""  # why it is held; a rule need not be the cause


_counts: Counter[Applied] = Counter()
_lock = Lock()  # several threads post


def note(applied: Iterable[Applied]) -> None:
    with _lock:
        for each in applied:
            is_counted = each in _counts or len(_counts) < MAX_COUNTED
            _counts[each if is_counted else Applied(each.effect, None, None, None)] += 1


def write() -> None:
    """Record what was counted since the last call, in one transaction. If it fails, all is counted again."""
    with _lock:
        counted = Counter(_counts)
        _counts.clear()
    if not counted:
        return
    try:
        with transaction.atomic():
            people = User.objects.in_bulk({each.person_id for each in counted if each.person_id})
            rooms = Room.objects.in_bulk({each.room_id for each in counted if each.room_id})
            audit.record([_decision(each, times, people, rooms) for each, times in counted.items()])
    except Exception:
        with _lock:
            _counts.update(counted)
        raise


def _decision(
    applied: Applied, times: int, people: dict[int, User], rooms: dict[int, Room]
) -> audit.Decision:
    rule = applied.rule
    details: dict[str, Any] = {"times": times}
    if rule:
        details |= {"rule": rule.pattern, "rule_id": rule.id}
    elif not applied.reason:
        details["others"] = True
    person, room = people.get(applied.person_id or 0), rooms.get(applied.room_id or 0)
    return audit.Decision(applied.effect, person=person, room=room, reason=applied.reason, details=details)
