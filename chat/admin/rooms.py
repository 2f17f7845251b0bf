"""Rooms: made, renamed, opened and closed through the actions, so that every screen follows."""

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from chat.actions import rooms
from chat.models import Room
from chat.refusals import Refusal

from .site import QuickList


class RoomForm(forms.ModelForm):
    class Meta:
        model = Room
        fields = ("name", "topic", "kind")

    def clean_name(self) -> str:
        return _judged(rooms.clean_name, self.cleaned_data["name"])

    def clean_topic(self) -> str:
        return _judged(rooms.clean_topic, self.cleaned_data["topic"])


def _judged(check, value: str) -> str:
    try:
        return check(value)
    except Refusal as refusal:
        raise ValidationError(refusal.message) from None


@admin.register(Room)
class RoomAdmin(QuickList):
    form = RoomForm
    list_display = ("name", "slug", "kind", "topic", "created_at")
    list_filter = ("kind",)
    search_fields = ("name", "slug")
    readonly_fields = ("slug", "head", "created_at", "belonging")

    def get_fields(self, request: HttpRequest, room: Room | None = None) -> tuple[str, ...]:
        fields = ("name", "topic", "kind")
        return (*fields, *self.readonly_fields) if room else fields

    def has_delete_permission(self, request: HttpRequest, room: Room | None = None) -> bool:
        """Its messages would go with it; it can be made private instead."""
        return False

    def save_model(self, request: HttpRequest, room: Room, form: RoomForm, change: bool) -> None:
        new = {field: form.cleaned_data[field] for field in RoomForm.Meta.fields}
        made = rooms.update(room, by=request.user, **new) if change else rooms.create(by=request.user, **new)
        room.pk, room.slug = made.pk, made.slug

    @admin.display(description="who belongs here")
    def belonging(self, room: Room) -> SafeString:
        query = urlencode({"room__id__exact": room.pk})
        members, messages = (
            reverse("admin:chat_membership_changelist"),
            reverse("admin:chat_message_changelist"),
        )
        return format_html(
            '<a href="{}?{}">People</a> · <a href="{}?{}">Messages</a>',
            members, query, messages, urlencode({"q": f"room:{room.slug}"}),
        )  # fmt: skip
