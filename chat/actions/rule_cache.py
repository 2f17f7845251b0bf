"""The word and link rules of rooms, compiled and kept in this process.

A post is matched before its transaction, with the rules that are known here. The transaction compares the
room's number of decisions, which grows with each change of a rule, with the number for which they were read.
So a post takes no query for rules, unless they changed, and the rules that it follows are those in force.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from threading import Lock
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q

from chat.models import Room, Rule
from chat.rule_sets import RuleRow, RuleSet, compiled

MAX_ROOMS = 2_000  # whose rules are kept

Rules = tuple[RuleSet, ...]  # of the site and of the room, if they have any


class Known(NamedTuple):
    epoch: UUID | None  # None: never read. Then there are no rules while the room's `decisions` is 0
    decisions: int
    rules: Rules


UNKNOWN = Known(None, 0, ())

_known: dict[int, Known] = {}  # by room id, the oldest first
_lock = Lock()  # of `_known`: several threads post


def known(room_id: int) -> Rules:
    """The rules of a room as this process knows them."""
    return _known.get(room_id, UNKNOWN).rules


def in_force(rooms: Iterable[Room]) -> dict[int, Rules]:
    """The rules of these rooms, by id. They must be locked, so that their number of decisions is exact.

    One query if they changed since they were read, else none.
    """
    found, changed = {}, []
    for room in rooms:
        entry = _known.get(room.pk, UNKNOWN)
        if entry.epoch in (None, room.epoch) and entry.decisions == room.decisions:
            found[room.pk] = entry.rules
        else:
            changed.append(room)
    if changed:
        rows = _read([room.pk for room in changed])
        for room in changed:
            found[room.pk] = _compiled(rows, room.pk)
            _keep(room.pk, Known(room.epoch, room.decisions, found[room.pk]))
    return found


def read(room_id: int | None) -> Rules:
    """The rules of a room, or with None of the site, read now."""
    return _compiled(_read([room_id] if room_id else []), room_id)


def forget() -> None:
    """Forget all rules. For tests, whose rooms may have the ids of earlier ones."""
    with _lock:
        _known.clear()


def _read(room_ids: list[int]) -> dict[int | None, list[RuleRow]]:
    found = Rule.objects.filter(Q(room__in=room_ids) | Q(room=None)).order_by("pk")
    rows = defaultdict(list)
    for room_id, *columns in found.values_list("room", *RuleRow._fields):
        rows[room_id].append(RuleRow(*columns))
    return rows


def _compiled(rows: dict[int | None, list[RuleRow]], room_id: int | None) -> Rules:
    """The rules of the site are one object for all rooms."""
    return tuple(compiled(tuple(rows[owner])) for owner in dict.fromkeys((None, room_id)) if owner in rows)


def _keep(room_id: int, entry: Known) -> None:
    with _lock:
        _known.pop(room_id, None)
        _known[room_id] = entry
        if len(_known) > MAX_ROOMS:
            del _known[next(iter(_known))]
