"""The admin, and what all its lists have in common: they stay quick at a million rows."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.paginator import Paginator
from django.db.models import Max, Min, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.utils.timezone import localtime

from chat.actions import people
from chat.refusals import Refusal

COUNTED = 1_000  # rows; further back one goes by search and date


class ObrolanAdmin(admin.AdminSite):
    site_header = site_title = "Obrolan"
    index_title = "Moderation"

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        leaving = request.user
        response = super().logout(request, extra_context)
        if leaving.is_authenticated:
            people.sign_ins_ended(leaving)
        return response

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect("password_change")


class BoundedPaginator(Paginator):
    """Counts to COUNTED and no further: `SELECT count(*)` over a million rows takes longer than the page."""

    @cached_property
    def count(self) -> int:
        return self.object_list.order_by()[:COUNTED].count()


class QuickDates(QuerySet):
    """For `date_hierarchy`: every year, month or day between the first row of all and the last, by the index.

    Django would read all rows that were found to learn on which days there are any.
    """

    year = month = 0  # chosen already; set on the list's own query

    def aggregate(self, **ends: Min | Max) -> dict[str, Any]:
        """One at a time: SQLite reads the whole index for a minimum and a maximum together."""
        everything = QuerySet(self.model)
        return {name: everything.aggregate(end=end)["end"] for name, end in ends.items()}

    def datetimes(self, field: str, kind: str, *_: Any, **__: Any) -> list[datetime]:
        ends = self.aggregate(first=Min(field), last=Max(field))
        if not ends["first"]:
            return []
        return [start for start in _periods(ends["first"], ends["last"], kind) if self._is_chosen(start)]

    def _is_chosen(self, start: datetime) -> bool:
        return self.year in (0, start.year) and self.month in (0, start.month)


def _periods(first: datetime, last: datetime, kind: str) -> Iterator[datetime]:
    """The first moments of the years, months or days from `first` to `last`."""
    step = timedelta(days={"day": 1, "month": 31, "year": 366}[kind])
    start = _start_of(kind, localtime(first))
    while start <= last:
        yield start
        start = _start_of(kind, start + step)


def _start_of(kind: str, moment: datetime) -> datetime:
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return {"day": day, "month": day.replace(day=1), "year": day.replace(month=1, day=1)}[kind]


class QuickList(admin.ModelAdmin):
    """What every list of ours has. No filter over people or rooms: it would list them all in the page."""

    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = BoundedPaginator
    list_per_page = 50
    list_max_show_all = 0

    def one_by_one(self, request: HttpRequest, rows: Iterable, act: Callable, done: str) -> None:
        """An action on every row, with a line in the log for each, and the first refusal in words."""
        changed = []
        for row in rows:
            try:
                act(row, by=request.user)
                changed.append(row)
            except Refusal as refusal:
                self.message_user(request, f"{row}: {refusal.message}", messages.WARNING)
        self.say(request, changed, done)

    def say(self, request: HttpRequest, changed: list, done: str) -> None:
        LogEntry.objects.log_actions(request.user.pk, changed, CHANGE, change_message=done)
        self.message_user(request, f"{done}: {len(changed)}.", messages.SUCCESS)
