"""The base classes of the admin's pages. Lists are fast with a million rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import cached_property

from chat.refusals import Refusal

from .lists import Search, SearchedList

COUNTED = 1_000  # rows at most; the search form finds older ones


class BoundedPaginator(Paginator):
    """Counts at most COUNTED rows. A count of a million rows takes longer than the rest of the page."""

    @cached_property
    def count(self) -> int:
        return self.object_list.order_by()[:COUNTED].count()


class FastAdmin(admin.ModelAdmin):
    """The base class of the admin pages. A filter by person or room is a field of the search form: Django's
    filters would list all of them.
    """

    search: type[Search] | None = None
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = BoundedPaginator
    list_per_page = 50
    list_max_show_all = 0
    actions_on_bottom = False
    empty_value_display = ""

    def get_changelist(self, request: HttpRequest, **_: Any) -> type[SearchedList]:
        return SearchedList

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Without Django's own deletion of rows, which would not call the actions."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *arguments: Any, **options: Any
    ) -> HttpResponse:
        context |= {"show_save_and_add_another": False, "show_save_and_continue": False}
        return super().render_change_form(request, context, *arguments, **options)

    def changeform_view(self, request: HttpRequest, *arguments: Any, **options: Any) -> HttpResponse:
        return self.show_refusal(super().changeform_view, request, *arguments, **options)

    def delete_view(self, request: HttpRequest, *arguments: Any, **options: Any) -> HttpResponse:
        return self.show_refusal(super().delete_view, request, *arguments, **options)

    def require_view(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied

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
        refused: dict[str, list[str]] = {}
        for row in rows:
            try:
                act(row)
                changed.append(row)
            except Refusal as refusal:
                refused.setdefault(refusal.message, []).append(str(row))
        for reason, which in refused.items():
            self.message_user(request, f"{_some(which)}: {reason}", messages.WARNING)
        self.report(request, changed, done)

    def report(self, request: HttpRequest, changed: list, done: str) -> None:
        LogEntry.objects.log_actions(request.user.pk, changed, CHANGE, change_message=done)
        self.message_user(request, f"{done}: {len(changed)}.", messages.SUCCESS)


class ReadOnlyAdmin(FastAdmin):
    """Rows that only actions create and change."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def chosen_rows(rows: QuerySet, ids: str) -> QuerySet:
    """The rows of a list of ids, such as "3,8,12", at most COUNTED."""
    numbers = [int(id) for id in ids.split(",") if id.isdecimal() and len(id) < 19]
    return rows.filter(pk__in=numbers[:COUNTED])


def _some(names: list[str], shown: int = 3) -> str:
    more = f" and {len(names) - shown} others" if len(names) > shown else ""
    return ", ".join(names[:shown]) + more
