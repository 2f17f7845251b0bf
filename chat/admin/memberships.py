"""Admin pages for memberships. Removing a member of a private room closes their sockets in the room."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from chat.actions import members
from chat.models import Membership

from . import links, private
from .bulk import BulkAdmin, Step
from .named_fields import NamedPerson, NamedRoom
from .panels import NoFields
from .searches import MemberSearch


class AddForm(forms.ModelForm):
    request: HttpRequest
    room = NamedRoom(help_text="Its name or address.")
    user = NamedPerson(label="Person", help_text="A username, or a display name.")

    class Meta:
        model = Membership
        fields = ("room", "user", "role")

    def clean(self) -> dict[str, Any]:
        """A membership shows the messages of a private room: nobody makes themselves a member unnoticed."""
        data = super().clean() or self.cleaned_data
        room, user = data.get("room"), data.get("user")
        if room and user == self.request.user and not private.may_read(self.request, room):
            link = format_html('<a href="{}">Give a reason</a>', private.address(room, links.page_of(room)))
            self.add_error("room", format_html("This is a private room. {} first.", link))
        return data

    def validate_unique(self) -> None:
        """The action changes the role of a member."""


@admin.register(Membership)
class MembershipAdmin(BulkAdmin):
    search = MemberSearch
    list_display = ("role", "person", "place", "joined_at")
    list_select_related = ("user", "room")
    ordering = ("-pk",)
    sortable_by = ()
    fields = ("room", "user", "role")

    @admin.display(description="person")
    def person(self, membership: Membership) -> SafeString | str:
        return links.person(membership.user)

    @admin.display(description="room")
    def place(self, membership: Membership) -> SafeString | str:
        return links.room(membership.room)

    def get_readonly_fields(
        self, request: HttpRequest, membership: Membership | None = None
    ) -> tuple[str, ...]:
        return ("room", "user") if membership else ()

    def get_form(self, request: HttpRequest, obj: Membership | None = None, **options: Any) -> Any:
        if obj is not None:
            return super().get_form(request, obj, **options)
        form = super().get_form(request, obj, **{**options, "form": AddForm})
        return type(form.__name__, (form,), {"request": request})

    def save_model(self, request: HttpRequest, membership: Membership, form: ModelForm, change: bool) -> None:
        made = members.add(membership.room, membership.user, membership.role, by=request.user)
        membership.pk = made.pk

    def delete_model(self, request: HttpRequest, membership: Membership) -> None:
        members.remove(membership.room, membership.user, by=request.user)

    # ── many members ─────────────────────────────────────────────────────────────────────────────

    @property
    def steps(self) -> dict[str, Step]:
        def remove(request: HttpRequest, rows: QuerySet, values: dict[str, Any]) -> None:
            chosen = list(rows.select_related("room", "user"))
            members.remove_all(chosen, by=request.user)
            self.report(request, chosen, "Removed")

        return {"remove_selected": Step("Remove", "member", "members", NoFields, remove, permission="delete")}
