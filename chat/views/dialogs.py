"""Answers to forms that are pages of their own, and that `js/form_dialog.js` opens in a dialog."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from chat.refusals import Refusal

from .errors import answer, json, wants_json
from .errors import page as error_page


def done(request: HttpRequest, text: str, url: str, **more: Any) -> HttpResponse:
    """The form did what it should: JSON with the text for a script, else the page at `url` with the text."""
    if wants_json(request):
        return json({"message": text, **more})
    messages.success(request, text)
    return redirect(url)


def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    return answer(refusal) if wants_json(request) else error_page(request, refusal)
