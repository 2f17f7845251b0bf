"""The background of a decision: a person's record and present state, and the messages around one."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, QuerySet

from chat.models import Case, Message, Sanction, User

from .pages import COUNTED

CONTEXT = 10  # messages before and after, and versions
LISTED = 10  # sanctions and cases of a person


def around(message: Message) -> list[Message]:
    """The message with CONTEXT messages before and after it, oldest first. Two queries."""
    of_room = Message.objects.filter(room=message.room_id).select_related("author")
    before = list(of_room.filter(seq__lte=message.seq).order_by("-seq")[: CONTEXT + 1])
    after = list(of_room.filter(seq__gt=message.seq).order_by("seq")[:CONTEXT])
    return [*before[::-1], *after]


def record_of(person: User, cases: QuerySet | None = None) -> dict[str, Any]:
    """The latest sanctions and cases of a person, and how many messages they wrote. Three queries."""
    sanctions = person.sanctions.select_related("room", "by").order_by("-pk")[:LISTED]
    cases = Case.objects.filter(person=person) if cases is None else cases
    cases = cases.select_related("room").annotate(reported=Count("reports")).order_by("-pk")[:LISTED]
    wrote = person.messages.order_by()[:COUNTED].count()
    return {
        "person": person,
        "sanctions": list(sanctions),
        "cases": list(cases),
        "wrote": f"{wrote:,}" if wrote < COUNTED else f"{COUNTED:,} or more",
    }


def in_force(person: User) -> list[Sanction]:
    return list(person.sanctions.all().in_force().select_related("room"))
