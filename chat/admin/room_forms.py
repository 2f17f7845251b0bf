"""Forms of rooms in the admin: name, topic and kind, the modes, and a notice for the people in the room."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.html import format_html

from chat.actions import rooms
from chat.models import Room
from chat.models.room_modes import FIRST_MESSAGES, NOTICE_LENGTH
from chat.refusals import Refusal

MODES = ("slow_mode", "is_locked", "posters", "approve_first", "has_public_log")


class RoomForm(forms.ModelForm):
    class Meta:
        model = Room
        fields = ("name", "topic", "kind")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Add hidden inputs with the initial values: only fields that were changed on this page are saved."""
        super().__init__(*args, **kwargs)
        if "kind" in self.fields and not self.instance.is_direct:
            self.fields["kind"].choices = [(Room.PUBLIC, "public"), (Room.PRIVATE, "private")]
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


class ModesForm(forms.ModelForm):
    """The fields whose values differ from those that this page showed are changed."""

    class Meta:
        model = Room
        fields = MODES

    approve_first = forms.IntegerField(
        label="Approve first messages",
        min_value=0,
        max_value=FIRST_MESSAGES,
        help_text="This many first messages of new accounts and guests wait for approval.",
    )
    reason = forms.CharField(
        label="Notice",
        max_length=NOTICE_LENGTH,
        required=False,
        help_text="If you lock the room, everybody in it reads this. Optional.",
    )

    def __init__(self, *args: Any, room: Room, **kwargs: Any) -> None:
        super().__init__(*args, instance=Room.objects.get(pk=room.pk), **kwargs)
        for name in MODES:
            self.fields[name].show_hidden_initial = True

    def _post_clean(self) -> None:
        """The action validates, and changes the locked row."""

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        changed = {name: data[name] for name in MODES if name in data and name in self.changed_data}
        return changed | {"reason": data.get("reason", "")}


class NoticeForm(forms.Form):
    reason = forms.CharField(
        label="Notice",
        max_length=NOTICE_LENGTH,
        required=False,
        help_text="Everybody in the room reads it. Optional.",
    )


def _checked(check: Callable[[str], str], value: str) -> str:
    try:
        return check(value)
    except Refusal as refusal:
        raise ValidationError(refusal.message) from None
