"""Forms with a reason, or with an answer."""

from __future__ import annotations

from typing import Any

from django import forms

from chat.models.case import WORDS_LENGTH
from chat.models.sanction import REASON_LENGTH
from chat.reasons import REASONS, reason_in_words


class Area(forms.CharField):
    """A few lines of text."""

    def __init__(self, limit: int, **options: Any) -> None:
        area = forms.Textarea(attrs={"rows": 2, "maxlength": limit})
        super().__init__(max_length=limit, required=False, widget=area, **options)


class ReasonForm(forms.Form):
    """A reason: a sentence to choose, own words, or both."""

    template = forms.ChoiceField(label="Reason", choices={"": "in your own words", **REASONS}, required=False)
    words = Area(REASON_LENGTH, label="In your words", help_text="The person reads the reason.")

    needs_reason = True

    @property
    def reason(self) -> str:
        return reason_in_words(self.cleaned_data.get("template", ""), self.cleaned_data.get("words", ""))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.needs_reason and not self.reason and "words" not in self.errors:
            self.add_error("words", "Choose a reason, or write one.")
        if len(self.reason) > REASON_LENGTH:
            self.add_error("words", f"The reason is longer than {REASON_LENGTH} characters. Shorten it.")
        return {**cleaned, "reason": self.reason}


class OptionalReasonForm(ReasonForm):
    needs_reason = False


class AnswerForm(forms.Form):
    answer = Area(WORDS_LENGTH, label="Answer to the reporters", help_text="Optional.")
