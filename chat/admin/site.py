"""The admin site, and the base class of its pages, whose lists are fast with a million rows."""

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

COUNTED = 1_000  # rows at most; search and dates find older ones


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
    """Counts at most COUNTED rows. A count of a million rows takes longer than the rest of the page."""

    @cached_property
    def count(self) -> int:
        return self.object_list.order_by()[:COUNTED].count()


class FastAdmin(admin.ModelAdmin):
    """The base class of the admin pages. Do not filter by user or room: the page would list all of them."""

    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = BoundedPaginator
    list_per_page = 50
    list_max_show_all = 0

    def changeform_view(self, request: HttpRequest, *arguments: Any, **options: Any) -> HttpResponse:
        return self.show_refusal(super().changeform_view, request, *arguments, **options)

    def delete_view(self, request: HttpRequest, *arguments: Any, **options: Any) -> HttpResponse:
        return self.show_refusal(super().delete_view, request, *arguments, **options)

    def show_refusal(
        self, view: Callable, request: HttpRequest, *arguments: Any, **options: Any
    ) -> HttpResponse:
        """Call a view and show a Refusal as a message. The form cannot prevent one that a race causes."""
        try:
            return view(request, *arguments, **options)
        except Refusal as refusal:
            self.message_user(request, refusal.message, messages.ERROR)
            return redirect(request.get_full_path())

    def apply_to_each(self, request: HttpRequest, rows: Iterable, act: Callable, done: str) -> None:
        """Call an action for each row and log each change. A Refusal is shown as a message."""
        changed = []
        for row in rows:
            try:
                act(row, by=request.user)
                changed.append(row)
            except Refusal as refusal:
                self.message_user(request, f"{row}: {refusal.message}", messages.WARNING)
        self.report(request, changed, done)

    def report(self, request: HttpRequest, changed: list, done: str) -> None:
        LogEntry.objects.log_actions(request.user.pk, changed, CHANGE, change_message=done)
        self.message_user(request, f"{done}: {len(changed)}.", messages.SUCCESS)
