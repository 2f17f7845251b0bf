"""Admin pages for held messages: approve or refuse them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from chat.actions import held as actions
from chat.models import HeldMessage
from chat.models.sanction import REASON_LENGTH

from . import links, private
from .bulk import BulkAdmin, Step
from .moderation_searches import HeldSearch
from .panels import NoFields, Panel, SheetAdmin
from .reason_form import Area

UNREADABLE = "Message in a private room"


class AnswerForm(forms.Form):
    answer = Area(REASON_LENGTH, label="Answer", help_text="The author reads it if you refuse. Optional.")


@admin.register(HeldMessage)
class HeldAdmin(BulkAdmin, SheetAdmin):
    search = HeldSearch
    list_display = ("words", "by", "place", "cause", "created_at", "state")
    ordering = ("-pk",)
    sortable_by = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return HeldMessage.objects.select_related("author", "room", "decided_by")

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changes = super().get_changelist_instance(request)
        changes.result_list = self._masked(request, changes.result_list)
        return changes

    def named(self, request: HttpRequest, rows: list[HeldMessage]) -> list[str]:
        return super().named(request, self._masked(request, rows))

    def _masked(self, request: HttpRequest, rows: QuerySet | list[HeldMessage]) -> list[HeldMessage]:
        held = list(rows)
        may_read = private.readable(request, [one.room for one in held])
        for one in held:
            if one.room_id not in may_read:
                one.text = UNREADABLE
        return held

    @admin.display(description="message")
    def words(self, held: HeldMessage) -> str:
        return links.excerpt(held.text)

    @admin.display(description="author")
    def by(self, held: HeldMessage) -> SafeString | str:
        return links.person(held.author)

    @admin.display(description="room")
    def place(self, held: HeldMessage) -> SafeString | str:
        return links.room(held.room)

    @admin.display(description="state")
    def state(self, held: HeldMessage) -> SafeString | str:
        if held.decided_at is None:
            return "waiting"
        return format_html('<span class="gone">{}</span>', "approved" if held.approved else "refused")

    # ── one message ──────────────────────────────────────────────────────────────────────────────

    def row_for(self, request: HttpRequest, object_id: str) -> HeldMessage:
        held = super().row_for(request, object_id)
        return self._masked(request, [held])[0]

    def sheet_title(self, held: HeldMessage) -> str:
        return f"Held message in {held.room}"

    def sheet(self, request: HttpRequest, row: Any, *arguments: Any, **more: Any) -> HttpResponse:
        reads = private.may_read(request, row.room)
        address = private.address(row.room, links.page_of(row))
        return super().sheet(request, row, *arguments, reads=reads, open_url=address, **more)

    def facts(self, request: HttpRequest, held: HeldMessage) -> dict[str, Any]:
        return {
            "Author": links.person(held.author),
            "Room": links.room(held.room),
            "Why it waits": held.cause,
            "Sent": held.created_at,
            "State": self.state(held),
            "Decided by": links.person(held.decided_by),
            "Answer": held.answer,
        }

    def panels(self, request: HttpRequest, held: HeldMessage) -> list[Panel]:
        if held.decided_at is not None or not private.may_read(request, held.room):
            return []

        def decide(button: str, values: dict[str, Any]) -> str:
            if button == "_approve":
                actions.approve(held, by=request.user)
                return "Approved"
            actions.refuse(held, by=request.user, answer=values["answer"])
            return "Refused"

        return [Panel("decide", "Decide", {"_approve": "Approve", "_refuse": "Refuse"}, decide, AnswerForm)]

    # ── many messages ────────────────────────────────────────────────────────────────────────────

    @property
    def steps(self) -> dict[str, Step]:
        def approve(request: HttpRequest, rows: QuerySet, values: dict[str, Any]) -> None:
            waiting = rows.filter(private.only_readable(request)).order_by("pk")  # as they were sent
            self.apply_to_each(
                request, waiting, lambda one: actions.approve(one, by=request.user), "Approved"
            )

        def refuse(request: HttpRequest, rows: QuerySet, values: dict[str, Any]) -> None:
            def one(held: HeldMessage) -> None:
                actions.refuse(held, by=request.user, answer=values["answer"])

            self.apply_to_each(request, rows.filter(private.only_readable(request)), one, "Refused")

        return {
            "approve_selected": Step("Approve", "message", "messages", NoFields, approve),
            "refuse_selected": Step("Refuse", "message", "messages", AnswerForm, refuse),
        }
