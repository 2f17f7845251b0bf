"""The base classes of all forms. An error is shown beside its field, and the user's input is kept."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from chat.refusals import Refusal

Check = Callable[[str], str]  # raises Refusal


class Line(forms.CharField):
    """One line of text. `check` validates it; a Refusal is shown as the field's error.

    It has no `autocomplete="off"`, so browsers restore the text when the user goes back to the page.
    """

    def __init__(self, check: Check, *, limit: int, autocomplete: str = "", **options: Any) -> None:
        self.check = check
        attributes = {"maxlength": limit} | ({"autocomplete": autocomplete} if autocomplete else {})
        super().__init__(widget=forms.TextInput(attrs=attributes), required=False, **options)

    def clean(self, value: str | None) -> str:
        try:
            return self.check(value or "")
        except Refusal as refusal:
            raise ValidationError(refusal.message, refusal.code) from None


class Words(Line):
    """A text of several lines."""

    def __init__(self, check: Check, *, limit: int, rows: int, **options: Any) -> None:
        super().__init__(check, limit=limit, **options)
        self.widget = forms.Textarea(attrs={"maxlength": limit, "rows": rows, "dir": "auto"})


class Form(forms.Form):
    status = 422  # HTTP status of the page that shows the errors

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)

    def refused(self, refusal: Refusal, *, name: str) -> None:
        """Show the refusal of an action: at the field `name` if it is about a name, else above the form."""
        self.status = 429 if refusal.status == 429 else 422
        is_about_name = refusal.code.startswith(("name_", "room_name_"))
        self.add_error(name if is_about_name else None, refusal.message)
