"""Admin pages for messages. Moderators hide and restore them; nobody edits or deletes those of others."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from chat.actions import cases
from chat.actions.moderation import hide, restore
from chat.models import Message

from . import links, private
from .bulk import BulkAdmin, Step
from .pages import COUNTED
from .panels import Panel, SheetAdmin
from .reason_form import OptionalReasonForm
from .record import CONTEXT, around
from .sanction_panel import sanction_panel
from .searches import MessageSearch

UNREADABLE = "Message in a private room"


@admin.register(Message)
class MessageAdmin(BulkAdmin, SheetAdmin):
    search = MessageSearch
    list_display = ("words", "by", "place", "created_at", "state")
    list_select_related = ("author", "room")
    ordering = ("-created_at",)
    sortable_by = ()

    def get_urls(self) -> list:
        at = self.admin_site.admin_view(self.at)
        return [path("at/<int:room_id>/<int:seq>/", at, name="chat_message_at"), *super().get_urls()]

    def at(self, request: HttpRequest, room_id: int, seq: int) -> HttpResponse:
        """Redirect to a message by room and number, which the room's page knows."""
        self.require_view(request)
        numbers = {"room": room_id, "seq": seq} if max(room_id, seq) < 2**63 else {"pk": 0}
        return redirect("admin:chat_message_change", get_object_or_404(Message, **numbers).pk)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return Message.objects.select_related("author", "room", "deleted_by")

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """Mark the rows of private rooms whose text the moderator may not read yet."""
        changes = super().get_changelist_instance(request)
        changes.result_list = self._masked(request, changes.result_list)
        return changes

    def named(self, request: HttpRequest, rows: list[Message]) -> list[str]:
        return super().named(request, self._masked(request, rows))

    def _masked(self, request: HttpRequest, rows: QuerySet | list[Message]) -> list[Message]:
        messages = list(rows)
        may_read = private.readable(request, [message.room for message in messages])
        for message in messages:
            if message.room_id not in may_read:
                message.text = UNREADABLE
        return messages

    @admin.display(description="message")
    def words(self, message: Message) -> str:
        return links.excerpt(message.text)

    @admin.display(description="author")
    def by(self, message: Message) -> SafeString | str:
        return links.person(message.author)

    @admin.display(description="room")
    def place(self, message: Message) -> SafeString | str:
        return links.room(message.room)

    @admin.display(description="state")
    def state(self, message: Message) -> SafeString | str:
        return links.state(message)

    # ── one message ──────────────────────────────────────────────────────────────────────────────

    def row_for(self, request: HttpRequest, object_id: str) -> Message:
        message = super().row_for(request, object_id)
        if not private.may_read(request, message.room):
            message.text = UNREADABLE
            message.html = ""
        return message

    def sheet_title(self, message: Message) -> str:
        return f"Message {message.seq} in {message.room}"

    def facts(self, request: HttpRequest, message: Message) -> dict[str, Any]:
        link = reverse("permalink", args=[message.room.slug, message.seq])
        return {
            "Author": links.person(message.author),
            "Room": links.room(message.room),
            "Posted": message.created_at,
            "Edited": message.edited_at,
            "State": links.state(message),
            "By": links.person(message.deleted_by),
            "In the room": format_html('<a href="{}">Open the room here</a>', link),
        }

    def panels(self, request: HttpRequest, message: Message) -> list[Panel]:
        """Without its text, which a private room hides, a message can be hidden but no case opened."""
        title = "Restore" if message.deleted_at else "Hide"
        buttons = {f"_{title.lower()}": f"{title} this message"}
        if private.may_read(request, message.room) and message.author_id != request.user.pk:
            buttons["_case"] = "Open a case"

        def act(button: str, values: dict[str, Any]) -> str:
            if button == "_case":
                with transaction.atomic():
                    about = {"room": message.room, "message": message}
                    return f"Opened {cases.open_case(message.author, by=request.user, **about)}"
            change, done = (restore, "Restored") if button == "_restore" else (hide, "Hidden")
            return done if change([message], by=request.user, reason=values["reason"]) else "Nothing changed"

        panels = [Panel("hide", title, buttons, act, OptionalReasonForm)]
        return [*panels, *sanction_panel(request, message.author, message.room)]

    def sheet(self, request: HttpRequest, message: Model, *arguments: Any, **more: Any) -> HttpResponse:
        assert isinstance(message, Message)
        reads = private.may_read(request, message.room)
        shown = {
            "reads": reads,
            "open_url": private.address(message.room, links.page_of(message)),
            "versions": message.versions.order_by("-pk")[:CONTEXT] if reads else [],
            "around": around(message) if reads else [],
        }
        return super().sheet(request, message, *arguments, **shown, **more)

    # ── many messages ────────────────────────────────────────────────────────────────────────────

    @property
    def steps(self) -> dict[str, Step]:
        return {
            "hide_selected": Step("Hide", "message", "messages", OptionalReasonForm, self._hide_all),
            "restore_selected": Step("Restore", "message", "messages", OptionalReasonForm, self._restore_all),
        }

    def _hide_all(self, request: HttpRequest, rows: QuerySet, values: dict[str, Any]) -> None:
        done = hide(rows.order_by("room", "seq")[:COUNTED], by=request.user, reason=values["reason"])
        self.report(request, done, "Hidden")

    def _restore_all(self, request: HttpRequest, rows: QuerySet, values: dict[str, Any]) -> None:
        done = restore(rows.order_by("room", "seq")[:COUNTED], by=request.user, reason=values["reason"])
        self.report(request, done, "Restored")
