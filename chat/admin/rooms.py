"""Admin pages for rooms. Changes go through `actions.rooms`, which notifies clients."""

from collections.abc import Callable
from typing import Any

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

from .site import FastAdmin


class RoomForm(forms.ModelForm):
    class Meta:
        model = Room
        fields = ("name", "topic", "kind")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Add hidden inputs with the initial values: only fields that were changed on this page are saved."""
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.show_hidden_initial = True

    def clean_name(self) -> str:
        return _checked(rooms.clean_name, self.cleaned_data["name"])

    def clean_topic(self) -> str:
        return _checked(rooms.clean_topic, self.cleaned_data["topic"])

    def clean(self) -> None:
        name, kind = self.cleaned_data.get("name"), self.cleaned_data.get("kind")
        if name and kind == Room.PUBLIC:
            taken = Room.objects.public().named(name).exclude(pk=self.instance.pk).first()
            if taken is not None:
                link = format_html('<a href="{}">{}</a>', reverse("room", args=[taken.slug]), taken.name)
                self.add_error("name", format_html("There is already a public room with this name: {}", link))


def _checked(check: Callable[[str], str], value: str) -> str:
    try:
        return check(value)
    except Refusal as refusal:
        raise ValidationError(refusal.message) from None


@admin.register(Room)
class RoomAdmin(FastAdmin):
    form = RoomForm
    list_display = ("name", "slug", "kind", "topic", "created_at")
    list_filter = ("kind",)
    search_fields = ("name", "slug")
    readonly_fields = ("slug", "head", "created_at", "related")

    def get_fields(self, request: HttpRequest, room: Room | None = None) -> tuple[str, ...]:
        fields = ("name", "topic", "kind")
        return (*fields, *self.readonly_fields) if room else fields

    def has_delete_permission(self, request: HttpRequest, room: Room | None = None) -> bool:
        """Deleting a room would delete its messages. Make it private instead."""
        return False

    def save_model(self, request: HttpRequest, room: Room, form: RoomForm, change: bool) -> None:
        new = {field: form.cleaned_data[field] for field in (form.changed_data if change else form.fields)}
        saved = rooms.update(room, by=request.user, **new) if change else rooms.create(by=request.user, **new)
        room.pk, room.slug = saved.pk, saved.slug

    @admin.display(description="more")
    def related(self, room: Room) -> SafeString:
        query = urlencode({"room__id__exact": room.pk})
        members, messages = (
            reverse("admin:chat_membership_changelist"),
            reverse("admin:chat_message_changelist"),
        )
        return format_html(
            '<a href="{}?{}">Members</a> · <a href="{}?{}">Messages</a>',
            members, query, messages, urlencode({"q": f"room:{room.slug}"}),
        )  # fmt: skip
