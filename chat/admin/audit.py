"""Admin pages for the audit log: read-only, with a search form and an export as CSV."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from itertools import islice
from typing import Any

from asgiref.sync import sync_to_async
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.template.defaultfilters import date
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime, now

from chat.actions import audit
from chat.models import AuditEntry
from chat.models.audit_csv import csv_lines

from . import links
from .moderation_searches import AuditSearch
from .panels import SheetAdmin

LINES_AT_ONCE = 500  # of the export
CHECKED = 200  # latest entries whose chain the list checks; `manage.py` verifies all


@admin.register(AuditEntry)
class AuditAdmin(SheetAdmin):
    search = AuditSearch
    list_display = ("number", "at", "action", "actor", "on", "place", "reason")
    ordering = ("-number",)
    sortable_by = ()
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Without the reports about the moderator, who must not learn who reported them."""
        return AuditEntry.objects.exclude(action="report", person_id=request.user.pk)

    def has_change_permission(self, request: HttpRequest, entry: Any = None) -> bool:
        return False

    def get_urls(self) -> list:
        export = self.admin_site.admin_view(self.export)
        return [path("export/", export, name="chat_auditentry_export"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        broken = audit.first_broken_of_latest(CHECKED)
        export = reverse("admin:chat_auditentry_export")
        query = request.GET.urlencode()
        context = {
            "broken": broken,
            "checked": CHECKED,
            "export_url": f"{export}?{query}" if query else export,
        }
        return super().changelist_view(request, context | (extra_context or {}))

    def export(self, request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
        """The entries of the search as CSV, streamed."""
        self.require_view(request)
        search = AuditSearch(request)
        if search.errors:
            return redirect(f"{reverse('admin:chat_auditentry_changelist')}?{request.GET.urlencode()}")
        lines = csv_lines(search.filter(self.get_queryset(request)))
        response = StreamingHttpResponse(_in_parts(lines), content_type="text/csv; charset=utf-8")
        name = f"audit-log-{localtime(now()):%Y-%m-%d}.csv"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response

    @admin.display(description="by")
    def actor(self, entry: AuditEntry) -> SafeString | str:
        return _person(entry.actor_id, entry.actor_name) or "Obrolan"

    @admin.display(description="on")
    def on(self, entry: AuditEntry) -> SafeString | str:
        return _person(entry.person_id, entry.person_name)

    @admin.display(description="room")
    def place(self, entry: AuditEntry) -> SafeString | str:
        if entry.room_id is None:
            return ""
        if entry.seq is not None:
            at = reverse("admin:chat_message_at", args=[entry.room_id, entry.seq])
            return format_html('<a href="{}">{}, message {}</a>', at, entry.room_name, entry.seq)
        return links.link_to("room", entry.room_id, entry.room_name)

    def sheet_title(self, entry: AuditEntry) -> str:
        return f"Entry {entry.number}"

    def facts(self, request: HttpRequest, entry: AuditEntry) -> dict[str, Any]:
        details = {name.replace("_", " ").capitalize(): str(value) for name, value in entry.details.items()}
        return {
            "When": date(localtime(entry.at), "j F Y, H:i:s"),
            "Action": entry.action,
            "By": self.actor(entry),
            "IP address": entry.address,
            "On whom": self.on(entry),
            "Room": self.place(entry),
            "Reason": entry.reason,
            **details,
            "Hash": entry.hash,
            "Hash of the entry before": entry.previous,
        }


async def _in_parts(lines: Iterator[str]) -> AsyncIterator[str]:
    """Django would read all lines of another iterator before it sends the first."""

    def part() -> str:
        return "".join(islice(lines, LINES_AT_ONCE))

    while text := await sync_to_async(part)():
        yield text


def _person(id: int | None, name: str) -> SafeString | str:
    return links.link_to("user", id, name) if id is not None else ""
