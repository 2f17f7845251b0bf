"""The messages of a room by day. The index `shown_messages` answers everything here; it has no deleted ones.

Days are those of the current time zone. In a room the order of times is the order of numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from django.db.models import QuerySet
from django.utils import timezone

from .counted import Counted
from .message import Message

if TYPE_CHECKING:
    from .room import Room

COUNTED = 1_000  # messages of one day at most; the page shows 999+
FIRST_YEAR, LAST_YEAR = 1970, 2999


def day_of(year: int, month: int, day: int) -> date | None:
    """None if there is no such day, or it is too far away."""
    try:
        return date(year, month, day) if FIRST_YEAR <= year <= LAST_YEAR else None
    except (ValueError, OverflowError):
        return None


def beginning(day: date) -> datetime:
    """The first moment of a day in the current time zone."""
    return timezone.make_aware(datetime.combine(day, time.min))


def shown(room: Room) -> QuerySet[Message]:
    return Message.objects.filter(room=room, deleted_at=None)


def on(room: Room, day: date) -> QuerySet[Message]:
    rows = shown(room).filter(created_at__gte=beginning(day), created_at__lt=beginning(day + timedelta(1)))
    return rows.order_by("created_at", "seq")


def first_since(room: Room, at: datetime) -> Message | None:
    return (
        shown(room).filter(created_at__gte=at).order_by("created_at", "seq").only("seq", "created_at").first()
    )


def last_before(room: Room, at: datetime) -> Message | None:
    return (
        shown(room)
        .filter(created_at__lt=at)
        .order_by("-created_at", "-seq")
        .only("seq", "created_at")
        .first()
    )


def counts(room: Room, days: Sequence[date]) -> dict[date, int]:
    """The number of messages of each day, at most COUNTED each. One query."""
    of_days = {
        f"day{n}": Counted(on(room, day).order_by().values("pk")[:COUNTED]) for n, day in enumerate(days)
    }
    row = type(room).objects.filter(pk=room.pk).annotate(**of_days).values(*of_days).get()
    return {day: row[f"day{n}"] for n, day in enumerate(days)}
