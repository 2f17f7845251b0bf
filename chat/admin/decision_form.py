"""The form with which a moderator of the site acts: hide, warn, mute, remove or ban, with a reason.

The pages of cases, people and messages, and decisions about many rows, use the same fields.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms

from chat.models import Room, Sanction
from chat.models.case import WORDS_LENGTH
from chat.models.sanction import REASON_LENGTH

from .named_fields import NamedRoom
from .reason_form import Area, ReasonForm

NOTHING, FOR_GOOD, OTHER = "", "good", "other"
KINDS = {
    NOTHING: "nothing",
    Sanction.WARNING: "warn",
    Sanction.MUTE: "mute",
    Sanction.REMOVAL: "remove from the room",
    Sanction.BAN: "ban",
}
DURATIONS = {
    "10": "10 minutes",
    "60": "1 hour",
    "1440": "1 day",
    "10080": "1 week",
    FOR_GOOD: "for good",
    OTHER: "other",
}
MAX_MINUTES = 5_256_000  # ten years
TIMED = (Sanction.MUTE, Sanction.BAN)
IN_ROOM, ON_SITE = "room", "site"


class SanctionForm(ReasonForm):
    """A sanction of one person or of several. `room` is the room that it can be limited to."""

    kind = forms.ChoiceField(label="What to do")
    scope = forms.ChoiceField(label="Where", required=False)
    in_room = NamedRoom(label="Room", required=False, help_text="Its name or address. Empty: the whole site.")
    duration = forms.ChoiceField(
        label="How long", choices=DURATIONS, initial="60", required=False,
        help_text="Of a mute or a ban. A removal from a public room lasts an hour.",
    )  # fmt: skip
    minutes = forms.IntegerField(
        label="Other duration, in minutes", min_value=1, max_value=MAX_MINUTES, required=False
    )
    with_address = forms.BooleanField(
        label="Also ban other guests from their IP address", required=False,
    )  # fmt: skip
    hides_messages = forms.BooleanField(label="Also hide all their messages", required=False)
    note = Area(REASON_LENGTH, label="Note for moderators", help_text="The person does not see it.")

    field_order = ("kind", "scope", "in_room", "duration", "minutes", "hides_messages", "with_address")
    can_do_nothing = False

    def __init__(self, *args: Any, room: Any = None, is_guest: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        without = () if self.can_do_nothing else (NOTHING,)
        kinds = [(value, label) for value, label in KINDS.items() if value not in without]
        self.fields["kind"].choices = kinds
        self.fields["kind"].required = not self.can_do_nothing
        if room is None:
            del self.fields["scope"]
        else:
            del self.fields["in_room"]
            scopes = [(IN_ROOM, f"in {room}"), (ON_SITE, "on the whole site")]
            self.fields["scope"].choices = scopes  # type: ignore[attr-defined]
        if not is_guest:
            del self.fields["with_address"]
        self.room = room

    def clean(self) -> dict[str, Any]:
        self.needs_reason = self.asks_for_reason()
        cleaned = super().clean()
        timed = cleaned.get("kind") in TIMED
        if timed and cleaned.get("duration") == OTHER and not cleaned.get("minutes"):
            self.add_error("minutes", "Enter a number of minutes.")
        if cleaned.get("kind") == Sanction.REMOVAL and self._room(cleaned) is None:
            field = "scope" if "scope" in self.fields else "in_room"
            self.add_error(field, "A person is removed from a room. Ban them to keep them off the site.")
        return {**cleaned, "sanction": self._sanction(cleaned)}

    def asks_for_reason(self) -> bool:
        return bool(self.cleaned_data.get("kind"))

    def _sanction(self, values: dict[str, Any]) -> dict[str, Any] | None:
        """The arguments of `sanctions.impose`, besides the person and the moderator."""
        kind = values.get("kind")
        if not kind:
            return None
        return {
            "kind": kind,
            "room": self._room(values),
            "reason": self.reason,
            "note": values.get("note", ""),
            "duration": self._duration(values) if kind in TIMED else None,
            "with_address": kind == Sanction.BAN and values.get("with_address", False),
            "hides_messages": kind != Sanction.WARNING and values.get("hides_messages", False),
        }

    def _room(self, values: dict[str, Any]) -> Room | None:
        if "in_room" in self.fields:
            return values.get("in_room")
        return self.room if values.get("scope") == IN_ROOM else None

    @staticmethod
    def _duration(values: dict[str, Any]) -> timedelta | None:
        chosen = values.get("duration") or OTHER
        if chosen == FOR_GOOD:
            return None
        return timedelta(minutes=(values.get("minutes") or 1) if chosen == OTHER else int(chosen))


class CaseForm(SanctionForm):
    """The decision about a case: it may also hide the message, and answers the reporters."""

    hides = forms.BooleanField(label="Hide the message", required=False)
    answer = Area(
        WORDS_LENGTH, label="Answer to the reporters", help_text="Optional. They are told the outcome too."
    )

    field_order = ("hides", *SanctionForm.field_order, "template", "words", "note", "answer")
    can_do_nothing = True

    def __init__(self, *args: Any, can_hide: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not can_hide:
            del self.fields["hides"]
