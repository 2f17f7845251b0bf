"""Refusals as pages and as JSON: what happened and what to do, never more."""

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from chat import frames
from chat.refusals import Refusal

TITLES = {
    400: "This request did not make sense",
    403: "This is closed to you",
    404: "Nothing here",
    429: "A little too fast",
    503: "Busy right now",
}


def page(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    title = TITLES.get(refusal.status, "That did not work")
    context = {"title": title, "message": refusal.message}
    return _hurry(render(request, "error.html", context, status=refusal.status), refusal)


def answer(refusal: Refusal, id: str | None = None) -> HttpResponse:
    """The same `error` event as on the wire, with the HTTP status of its code."""
    error = frames.Error(
        code=refusal.code,
        message=refusal.message,
        retry=refusal.retry,
        id=id if id is not None else msgspec.UNSET,
        retry_after_ms=msgspec.UNSET if refusal.retry_after_ms is None else refusal.retry_after_ms,
    )
    return _hurry(json(error, refusal.status), refusal)


def json(payload: object, status: int = 200) -> HttpResponse:
    return HttpResponse(msgspec.json.encode(payload), content_type="application/json", status=status)


def _hurry(response: HttpResponse, refusal: Refusal) -> HttpResponse:
    if refusal.retry_after_ms is not None:
        response["Retry-After"] = str(-(-refusal.retry_after_ms // 1000))
    return response
