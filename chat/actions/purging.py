"""Remove for good what can no longer be restored: hidden and deleted texts, rooms, and old texts of cases.

Everything is removed in parts, each in a transaction of its own, so nobody waits long for a lock. Readers see
no change: a deleted message keeps its number and its place.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from chat.models import Case, HeldMessage, Membership, Mention, Message, Room, Version

from . import audit, search_index

AT_ONCE = 500  # rows in one transaction
PURGED: dict[str, Any] = {  # columns of a tombstone
    "text": "",
    "html": "",
    "search_text": "",
    "mentions": [],
    "mentions_all": False,
    "reactions": {},
    "reaction_order": [],
}
ROOM_DELETED = "The room was deleted"

Remove = Callable[[list[int], datetime], int]  # (ids, before) → the number removed


class Kind(NamedTuple):
    """Something to purge: the rows that are due, and the function that removes some of them."""

    due: Callable[[datetime], QuerySet]
    remove: Remove


def due(now: datetime | None = None) -> dict[str, QuerySet]:
    """The rows that a purge would remove now, by kind."""
    before = kept_since(now or timezone.now())
    return {name: kind.due(before) for name, kind in KINDS.items()}


def purge(now: datetime | None = None) -> dict[str, int]:
    """Remove what is due. Returns how much that was, by kind. The audit log has the counts."""
    before = kept_since(now or timezone.now())
    counts = dict.fromkeys(KINDS, 0)
    for name, kind in KINDS.items():
        ids = list(kind.due(before).values_list("pk", flat=True))
        for start in range(0, len(ids), AT_ONCE):
            counts[name] += kind.remove(ids[start : start + AT_ONCE], before)
    search_index.forget_words()
    if any(counts.values()):
        with transaction.atomic():
            audit.record([audit.Decision("purge", details={**counts, "before": before.isoformat()})])
    return counts


def kept_since(now: datetime) -> datetime:
    """The time before which hidden and deleted rows cannot be restored."""
    return now - timedelta(days=settings.OBROLAN_KEEP_HIDDEN)


def _messages(before: datetime) -> QuerySet[Message]:
    return Message.objects.filter(deleted_at__lt=before).exclude(text="")


def _remove_texts(ids: list[int], before: datetime) -> int:
    """The lock of the rooms decides between a purge and a moderator who restores a message."""
    with transaction.atomic():
        Room.objects.lock(Message.objects.filter(pk__in=ids).values_list("room", flat=True).distinct())
        rows = _messages(before).filter(pk__in=ids)
        found = list(rows.values_list("pk", flat=True))
        Version.objects.filter(message__in=found).delete()
        Mention.objects.filter(message__in=found).delete()
        Message.objects.filter(pk__in=found).update(**PURGED)
    return len(found)


def _rooms(before: datetime) -> QuerySet[Room]:
    return Room.objects.filter(deleted_at__lt=before)


def _remove_rooms(ids: list[int], before: datetime) -> int:
    """Remove what can be much first, in parts."""
    return sum(_remove_room(id, before) for id in ids)


def _remove_room(id: int, before: datetime) -> bool:
    with transaction.atomic():
        Room.objects.lock([id])
        if not _rooms(before).filter(pk=id).exists():  # restored meanwhile
            return False
        # Otherwise open cases about a person would become cases of the site, of which there is one.
        cases = Case.objects.open().filter(room=id)
        cases.update(closed_at=timezone.now(), outcome=ROOM_DELETED)
    for model in (Message, Membership):
        rows = model.objects.filter(room=id).values_list("pk", flat=True)
        while found := list(rows[:AT_ONCE]):
            with transaction.atomic():
                model.objects.filter(pk__in=found).delete()
    with transaction.atomic():
        Room.objects.filter(pk=id).delete()
    return True


def _held(before: datetime) -> QuerySet[HeldMessage]:
    return HeldMessage.objects.filter(decided_at__lt=before)


def _remove_held(ids: list[int], before: datetime) -> int:
    return _held(before).filter(pk__in=ids).delete()[0]


def _cases(before: datetime) -> QuerySet[Case]:
    return Case.objects.filter(closed_at__lt=before).exclude(text="")


def _remove_case_texts(ids: list[int], before: datetime) -> int:
    return _cases(before).filter(pk__in=ids).update(text="")


KINDS = {
    "rooms": Kind(_rooms, _remove_rooms),
    "messages": Kind(_messages, _remove_texts),
    "held messages": Kind(_held, _remove_held),
    "texts of cases": Kind(_cases, _remove_case_texts),
}
