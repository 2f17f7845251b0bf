"""The admin site, and the base class of its pages. Lists stay fast with a million rows."""

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

COUNTED = 1_000  # rows; older ones are found by search and date


class ObrolanAdmin(admin.AdminSite):
    site_header = site_title = "Obrolan"
    index_title = "Moderation"

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        leaving = request.user
        response = super().logout(request, extra_context)
        if leaving.is_authenticated:
            people.sessions_ended(leaving)
        return response

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect("password_change")


class BoundedPaginator(Paginator):
    """Counts up to COUNTED. `SELECT count(*)` over a million rows takes longer than the rest of the page."""

    @cached_property
    def count(self) -> int:
        return self.object_list.order_by()[:COUNTED].count()


class QuickList(admin.ModelAdmin):
    """The base class of all our pages. No filters over people or rooms: the page would list all of them."""

    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = BoundedPaginator
    list_per_page = 50
    list_max_show_all = 0

    def changeform_view(self, request: HttpRequest, *arguments: Any, **options: Any) -> HttpResponse:
        return self.or_refusal(super().changeform_view, request, *arguments, **options)

    def delete_view(self, request: HttpRequest, *arguments: Any, **options: Any) -> HttpResponse:
        return self.or_refusal(super().delete_view, request, *arguments, **options)

    def or_refusal(
        self, view: Callable, request: HttpRequest, *arguments: Any, **options: Any
    ) -> HttpResponse:
        """Show the refusal of an action as a message. After a race the form cannot foresee it."""
        try:
            return view(request, *arguments, **options)
        except Refusal as refusal:
            self.message_user(request, refusal.message, messages.ERROR)
            return redirect(request.get_full_path())

    def one_by_one(self, request: HttpRequest, rows: Iterable, act: Callable, done: str) -> None:
        """Apply an action to each row, with a log entry for each. A refusal is shown as a message."""
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
