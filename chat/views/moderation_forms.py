"""The form with which a moderator acts on a message or a person. It offers what their rank allows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from chat import ranks
from chat.models import Sanction
from chat.models.sanction import REASON_LENGTH
from chat.ranks import Rank
from chat.reasons import REASONS, reason_in_words

from .forms import Form

FOR_GOOD, OTHER = "good", "other"
DURATIONS = {
    "600": "10 minutes",
    "3600": "1 hour",
    "86400": "1 day",
    "604800": "1 week",
    FOR_GOOD: "for good",
    OTHER: "other",
}
UNITS = {"60": "minutes", "3600": "hours", "86400": "days"}  # seconds
MAX_NUMBER = 10_000  # of units; `sanctions.impose` limits the time
ACTS = {  # value → label, action in the table of ranks
    "hide": ("Hide this message", "hide"),
    Sanction.WARNING: ("Warn", "warn"),
    Sanction.MUTE: ("Mute", "mute"),
    Sanction.REMOVAL: ("Remove from the room", "remove"),
    Sanction.BAN: ("Ban", "ban"),
    "case": ("Open a case", "decide_case"),
}
SANCTIONS = (Sanction.WARNING, Sanction.MUTE, Sanction.REMOVAL, Sanction.BAN)
TIMED = (Sanction.MUTE, Sanction.BAN)
SITE_WIDE = (Sanction.WARNING, Sanction.MUTE, Sanction.BAN)


class Words(forms.CharField):
    """A few lines of text with the length of a reason."""

    def __init__(self, **options: Any) -> None:
        area = forms.Textarea(attrs={"rows": 2, "maxlength": REASON_LENGTH})
        super().__init__(max_length=REASON_LENGTH, required=False, widget=area, **options)


class ReasonForm(Form):
    """A reason: a sentence to choose, own words, or both."""

    template = forms.ChoiceField(label="Reason", choices={"": "Choose a reason", **REASONS}, required=False)
    words = Words(label="In your words", help_text="The person reads the reason.")

    @property
    def reason(self) -> str:
        return reason_in_words(self.cleaned_data.get("template", ""), self.cleaned_data.get("words", ""))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if len(self.reason) > REASON_LENGTH:
            raise ValidationError(f"The reason is longer than {REASON_LENGTH} characters. Shorten it.")
        return cleaned


class ModerateForm(ReasonForm):
    """The form for a message (`on_message`) or a person, for a moderator of this rank in the room."""

    act = forms.ChoiceField(label="What to do", widget=forms.RadioSelect)
    duration = forms.ChoiceField(label="For", choices=DURATIONS, initial="3600", required=False)
    number = forms.IntegerField(label="Number", min_value=1, max_value=MAX_NUMBER, required=False)
    unit = forms.ChoiceField(label="Unit", choices=UNITS, initial="3600", required=False)
    whole_site = forms.BooleanField(label="On the whole site, not only in this room", required=False)
    with_address = forms.BooleanField(label="Also ban other guests from their IP address", required=False)
    hides_this = forms.BooleanField(label="Also hide this message", required=False)
    hides_messages = forms.BooleanField(label="Also hide all their messages", required=False)
    note = Words(label="Note for moderators", help_text="The person does not see it.")

    field_order = (
        "act", "duration", "number", "unit", "whole_site", "with_address", "hides_this", "hides_messages",
        "template", "words", "note",
    )  # fmt: skip

    def __init__(self, *args: Any, rank: Rank, on_message: bool, is_guest: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        acts = {act: label for act, (label, action) in ACTS.items() if ranks.may(action, rank)}
        if not on_message:
            acts.pop("hide", None)
            del self.fields["hides_this"]
        act = self.fields["act"]
        assert isinstance(act, forms.ChoiceField)
        act.choices = list(acts.items())
        if not ranks.may("sanction_site", rank):
            del self.fields["whole_site"]
        if not (is_guest and ranks.may("ban_address", rank)):
            del self.fields["with_address"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        act = cleaned.get("act")
        if act in SANCTIONS and not self.reason:
            self.add_error("template", "Choose a reason, or write one.")
        if act in TIMED and cleaned.get("duration") == OTHER and not cleaned.get("number"):
            self.add_error("number", "Enter a number.")
        return cleaned

    @property
    def sanction(self) -> dict[str, Any] | None:
        """The arguments of `sanctions.impose` besides the people and the room; None for other actions."""
        values = self.cleaned_data
        act = values["act"]
        if act not in SANCTIONS:
            return None
        return {
            "kind": act,
            "reason": self.reason,
            "note": values["note"],
            "duration": self._duration() if act in TIMED else None,
            "with_address": act == Sanction.BAN and values.get("with_address", False),
            "hides_messages": act != Sanction.WARNING and values["hides_messages"],
        }

    @property
    def is_site_wide(self) -> bool:
        return self.cleaned_data["act"] in SITE_WIDE and self.cleaned_data.get("whole_site", False)

    def _duration(self) -> timedelta | None:
        """Null: for good."""
        chosen = self.cleaned_data["duration"] or OTHER
        if chosen == FOR_GOOD:
            return None
        if chosen == OTHER:
            return timedelta(seconds=self.cleaned_data["number"] * int(self.cleaned_data["unit"] or 60))
        return timedelta(seconds=int(chosen))
