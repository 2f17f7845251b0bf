"""The admin, and what all its lists have in common: they stay quick at a million rows."""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import cached_property

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
