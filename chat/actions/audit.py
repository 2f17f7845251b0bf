"""The audit log: append entries, and verify their chain of hashes.

The hash of an entry covers its columns and the hash of the entry before. A row that is changed, removed or
inserted in the database breaks the chain there, unless all later hashes are computed again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, cast

from django.db import transaction
from django.db.models import Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from chat.client_ip import current_ip
from chat.models import AuditEntry, AuditHead, Room, User

HASHED = [column.attname for column in AuditEntry._meta.concrete_fields if column.attname != "hash"]

_held_back: ContextVar[list[Decision] | None] = ContextVar("held_back", default=None)  # by `together`


@dataclass(slots=True)
class Decision:
    """The content of an entry. Without `by`, Obrolan itself decided: a rule, or the end of a sanction."""

    action: str
    by: User | None = None
    person: User | None = None
    room: Room | None = None
    seq: int | None = None
    reason: str = ""
    details: dict[str, Any] = field(default_factory=dict)
    address: str = ""  # of the actor; else that of the HTTP request. Commands of sockets set it


@contextmanager
def together() -> Iterator[None]:
    """A transaction of several actions that record decisions: their entries are appended at its end.

    Otherwise the second action would lock rows while the log's head is locked, and could deadlock.
    """
    outer = _held_back.get()
    held_back: list[Decision] = []
    token = _held_back.set(held_back)
    try:
        with transaction.atomic():
            yield
            _held_back.set(outer)
            record(held_back)
    finally:
        _held_back.reset(token)


def record(decisions: Sequence[Decision]) -> None:
    """Append one entry for each decision, in this order. Call it inside the transaction of the decision.

    It locks the log's head until COMMIT, so it comes last: no other lock may be taken after it. Within
    `together` the entries wait for its end.
    """
    held_back = _held_back.get()
    if held_back is not None:
        held_back.extend(decisions)
    elif decisions:
        _append(decisions)


def _append(decisions: Sequence[Decision]) -> None:
    head = _lock_head()
    entries = []
    for decision in decisions:
        entry = _entry(decision)
        entry.number, entry.previous = head.number + 1, head.hash
        entry.hash = hash_of(entry)
        head.number, head.hash = entry.number, entry.hash
        entries.append(entry)
    AuditEntry.objects.bulk_create(entries)
    head.save()


def first_broken() -> int | None:
    """The number of the first entry that was changed, removed or inserted. None if the chain is complete.

    Entries may be appended meanwhile: those after the head that was read first are not verified.
    """
    head = AuditHead.objects.first() or AuditHead()
    number, previous = 0, ""
    for entry in AuditEntry.objects.filter(number__lte=head.number).oldest_first():
        number += 1
        if (entry.number, entry.previous, entry.hash) != (number, previous, hash_of(entry)):
            return number
        previous = entry.hash
    if number < head.number:
        return number + 1
    if previous != head.hash:
        return number
    # One statement, so that it sees each appended entry together with its head.
    head_number = Coalesce(Subquery(AuditHead.objects.values("number")[:1]), 0)
    beyond = AuditEntry.objects.filter(number__gt=head_number).order_by("number")
    return cast(int | None, beyond.values_list("number", flat=True).first())


def first_broken_of_latest(count: int) -> int | None:
    """Like `first_broken`, for the latest `count` entries only. The entry before them is taken as it is."""
    head = AuditHead.objects.first() or AuditHead()
    known = AuditEntry.objects.filter(number__lte=head.number).order_by("-number")[: count + 1]
    expected, following = head.number, head.hash
    for position, entry in enumerate(known):
        if (entry.number, entry.hash) != (expected, following):
            return expected
        if position < count and hash_of(entry) != entry.hash:
            return expected
        expected, following = expected - 1, entry.previous
    is_complete = expected == 0 or len(known) > count
    return None if is_complete else expected


def hash_of(entry: AuditEntry) -> str:
    """SHA-256 of all other columns as JSON, with sorted keys and times in UTC."""
    values = {name: getattr(entry, name) for name in HASHED}
    values["at"] = entry.at.astimezone(timezone.get_fixed_timezone(0)).isoformat(timespec="microseconds")
    text = json.dumps(values, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _lock_head() -> AuditHead:
    assert transaction.get_connection().in_atomic_block
    heads = AuditHead.objects.select_for_update()
    found = heads.filter(pk=1).first()
    if found is None:
        AuditHead.objects.get_or_create(pk=1)
        found = heads.get(pk=1)
    return cast(AuditHead, found)


def _entry(decision: Decision) -> AuditEntry:
    by, person, room = decision.by, decision.person, decision.room
    return AuditEntry(
        at=timezone.now(),
        action=decision.action,
        actor_id=by.pk if by else None,
        actor_name=str(by) if by else "",
        person_id=person.pk if person else None,
        person_name=str(person) if person else "",
        room_id=room.pk if room else None,
        room_name=str(room) if room else "",
        seq=decision.seq,
        reason=decision.reason,
        address=decision.address or ((current_ip() or "") if by else ""),
        details=decision.details,
    )
