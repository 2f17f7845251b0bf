"""Admin pages for rooms. Changes go through actions, which notify clients."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import now

from chat import ranks
from chat.actions import modes, rooms
from chat.models import Room

from . import links, private
from .bulk import BulkAdmin, Step
from .panels import FormAdmin, Panel
from .room_forms import ModesForm, NoticeForm, RoomForm
from .searches import RoomSearch


@admin.register(Room)
class RoomAdmin(BulkAdmin, FormAdmin):
    form = RoomForm
    search = RoomSearch
    list_display = ("called", "slug", "kind", "topic", "state", "created_at", "more")
    ordering = ("name", "pk")
    sortable_by = ()
    readonly_fields = ("slug", "head", "created_at", "more")

    def get_fields(self, request: HttpRequest, room: Room | None = None) -> tuple[str, ...]:
        fields = ("name", "topic", "kind")
        return (*fields, *self.readonly_fields) if room else fields

    def get_readonly_fields(self, request: HttpRequest, room: Room | None = None) -> tuple[str, ...]:
        """To make a private room public shows its messages, which needs a reason."""
        closed = room is not None and not private.may_read(request, room)
        return (*self.readonly_fields, "kind") if closed else self.readonly_fields

    def has_delete_permission(self, request: HttpRequest, room: Room | None = None) -> bool:
        """A panel deletes a room in a way that can be undone."""
        return False

    def save_model(self, request: HttpRequest, room: Room, form: RoomForm, change: bool) -> None:
        fields = form.changed_data if change else form.fields
        new = {field: form.cleaned_data[field] for field in fields}
        saved = rooms.update(room, by=request.user, **new) if change else rooms.create(by=request.user, **new)
        room.pk, room.slug = saved.pk, saved.slug

    def get_urls(self) -> list:
        page = self.admin_site.admin_view(self.open_room)
        return [path("<int:room_id>/open/", page, name="chat_room_open"), *super().get_urls()]

    def open_room(self, request: HttpRequest, room_id: int) -> HttpResponse:
        self.require_view(request)
        return private.open_view(
            request, room_id, self.admin_site.each_context(request) | {"opts": self.opts}
        )

    # ── columns ──────────────────────────────────────────────────────────────────────────────────

    @admin.display(description="name")
    def called(self, room: Room) -> str:
        return room.name

    @admin.display(description="state")
    def state(self, room: Room) -> SafeString | str:
        if room.deleted_at or room.archived_at:
            return format_html('<span class="gone">{}</span>', "deleted" if room.deleted_at else "archived")
        parts = ["locked"] if room.is_locked else []
        parts += ["calm"] if room.is_calm(now()) else []
        parts += [f"slow mode: {room.get_slow_mode_display()}"] if room.slow_mode else []
        return ", ".join(parts)

    @admin.display(description="more")
    def more(self, room: Room) -> SafeString:
        members, messages = (
            links.list_of("membership", room=room.slug),
            links.list_of("message", room=room.slug),
        )
        return format_html('<a href="{}">Members</a> · <a href="{}">Messages</a>', members, messages)

    # ── one room ─────────────────────────────────────────────────────────────────────────────────

    def panels(self, request: HttpRequest, room: Room) -> list[Panel]:
        by = request.user

        def set_modes(_: str, values: dict[str, Any]) -> str:
            modes.set_modes(room, by=by, **values)
            return "Changed the modes"

        acts = {
            "_calm": (modes.calm_down, "Calmed down for 10 minutes"),
            "_reopen": (modes.reopen, "Reopened"),
            "_archive": (modes.archive, "Archived"),
            "_unarchive": (modes.unarchive, "Took the room out of the archive"),
            "_delete": (modes.delete, "Deleted"),
            "_restore": (modes.restore, "Restored"),
        }

        def act(button: str, values: dict[str, Any]) -> str:
            change, done = acts[button]
            reason = {} if button == "_reopen" else {"reason": values["reason"]}
            change(room, by=by, **reason)
            return done

        if room.deleted_at:
            return [Panel("room", "Deleted", self._deletion(request, room), act, NoticeForm)]
        closed = room.is_locked or room.is_calm(now())
        use = {"_reopen": "Reopen"} if closed else {"_calm": "Calm down for 10 minutes"}
        use |= {"_unarchive": "Take out of the archive"} if room.archived_at else {"_archive": "Archive"}
        return [
            Panel("modes", "Modes", {"_modes": "Change the modes"}, set_modes, ModesForm, {"room": room}),
            Panel("room", "Use of the room", use | self._deletion(request, room), act, NoticeForm),
        ]

    def _deletion(self, request: HttpRequest, room: Room) -> dict[str, str]:
        """The button for administrators."""
        if not ranks.may("delete_room", ranks.rank(request.user)):
            return {}
        return {"_restore": "Restore the room"} if room.deleted_at else {"_delete": "Delete the room"}

    # ── many rooms ───────────────────────────────────────────────────────────────────────────────

    @property
    def steps(self) -> dict[str, Step]:
        def step(label: str, change: Any, done: str) -> Step:
            def run(request: HttpRequest, rows: QuerySet, values: dict[str, Any]) -> None:
                def one(room: Room) -> None:
                    change(room, by=request.user, reason=values["reason"])

                self.apply_to_each(request, rows, one, done)

            return Step(label, "room", "rooms", NoticeForm, run)

        return {
            "calm_selected": step("Calm down", modes.calm_down, "Calmed down"),
            "archive_selected": step("Archive", modes.archive, "Archived"),
            "unarchive_selected": step(
                "Take out of the archive", modes.unarchive, "Taken out of the archive"
            ),
        }
