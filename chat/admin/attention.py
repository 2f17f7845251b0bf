"""The parts of the admin's index: everything that needs attention now, with counts and first rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, IntegerField, Q, QuerySet, Subquery
from django.utils.timezone import localdate, now

from chat.models import Case, HeldMessage, Sanction, User

from .links import list_of
from .lists import until
from .pages import COUNTED

SHOWN = 5  # rows of each part
NEW_FOR = timedelta(days=1)


class Counted(Subquery):
    """The number of rows of a subquery, which has a limit."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()


@dataclass
class Part:
    name: str
    title: str
    rows: QuerySet
    more: str  # the address of the complete list
    template: str
    none: str  # in words, when there is nothing
    count: int = 0

    @property
    def shown(self) -> list[Any]:
        return list(self.rows[:SHOWN])

    @property
    def counted(self) -> str:
        return f"{self.count}+" if self.count >= COUNTED else str(self.count)


def needing_attention(user: User) -> list[Part]:
    """Each part costs one query, and one more query counts the rows of all."""
    parts = [make(user) for make in PARTS]
    counts = {part.name: Counted(part.rows.order_by().values("pk")[:COUNTED]) for part in parts}
    row = (
        User.objects.filter(pk=user.pk).values(**{f"n_{name}": count for name, count in counts.items()}).get()
    )
    for part in parts:
        part.count = row[f"n_{part.name}"]
    return parts


def _open_cases(user: User) -> Part:
    others = Case.objects.open().exclude(assignee=user).exclude(person=user)
    rows = _with_people(others).order_by("opened_at")
    more = list_of("case", state="open")
    return Part("cases", "Open cases, oldest first", rows, more, "admin/attention/case.html", "No open case.")


def _own_cases(user: User) -> Part:
    rows = _with_people(Case.objects.open().filter(assignee=user)).order_by("opened_at")
    more = list_of("case", state="mine")
    return Part("mine", "Your cases", rows, more, "admin/attention/case.html", "You have no open case.")


def _with_people(cases: QuerySet) -> QuerySet:
    return cases.select_related("person", "room", "assignee").annotate(reported=Count("reports"))


def _appeals(user: User) -> Part:
    open_appeals = Q(appealed_at__isnull=False, answered_at=None)
    rows = Sanction.objects.filter(open_appeals).select_related("person", "room").order_by("appealed_at")
    more = list_of("sanction", state="appealed")
    return Part("appeals", "Appeals", rows, more, "admin/attention/sanction.html", "No appeal waits.")


def _held(user: User) -> Part:
    rows = HeldMessage.objects.waiting().select_related("author", "room").order_by("created_at")
    more = list_of("heldmessage", state="waiting")
    return Part("held", "Held messages", rows, more, "admin/attention/held.html", "No message waits.")


def _ending(user: User) -> Part:
    today = Sanction.objects.in_force().filter(ends_at__lt=until(localdate()))
    rows = today.select_related("person", "room").order_by("ends_at")
    more = list_of("sanction", state="today")
    return Part("ending", "Sanctions that end today", rows, more, "admin/attention/sanction.html", "None.")


def _newcomers(user: User) -> Part:
    """The date has no index, so only the newest rows are searched."""
    newest = User.objects.order_by("-pk").values("pk")[:1]
    rows = User.objects.filter(pk__gt=Subquery(newest) - COUNTED, date_joined__gt=now() - NEW_FOR)
    more = list_of("user")
    return Part(
        "newcomers", "Newcomers", rows.order_by("-pk"), more, "admin/attention/person.html",
        "Nobody came in the last 24 hours.",
    )  # fmt: skip


PARTS: tuple[Callable[[User], Part], ...] = (
    _open_cases, _own_cases, _appeals, _held, _ending, _newcomers,
)  # fmt: skip
