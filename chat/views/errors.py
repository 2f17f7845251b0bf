"""Error responses, as pages and as JSON. They say what happened and what to do.

Error pages do not use the session or the user: they must be cheap, and work without the database. Only the
page about a sanction does.
"""

import logging
from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Any

import msgspec
from asgiref.sync import markcoroutinefunction
from csp.utils import build_policy
from django.conf import settings
from django.db.utils import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from chat import frames
from chat.refusals import Refusal
from chat.standing import Sanctioned, headline

TITLES = {
    400: "The request was not understood",
    403: "You do not have access",
    404: "Page not found",
    413: "The request is too large",
    429: "Too many requests",
}
RETRY_AFTER = 2_000  # milliseconds, when the database is not available

GetResponse = Callable[[HttpRequest], Awaitable[HttpResponse]]

logger = logging.getLogger(__name__)


def page(request: HttpRequest | None, refusal: Refusal) -> HttpResponse:
    title = TITLES.get(refusal.status, "That did not work")
    template = "503.html" if refusal.status == 503 else "error.html"
    content = _rendered(template, title, refusal.message)
    return _with_retry_after(HttpResponse(content, status=refusal.status), refusal)


def answer(refusal: Refusal, id: str | None = None) -> HttpResponse:
    """A JSON response with the `error` event of the WebSocket protocol, and the HTTP status of its code."""
    error = frames.Error(
        code=refusal.code,
        message=refusal.message,
        retry=refusal.retry,
        id=id if id is not None else msgspec.UNSET,
        retry_after_ms=msgspec.UNSET if refusal.retry_after_ms is None else refusal.retry_after_ms,
    )
    return _with_retry_after(json(error, refusal.status), refusal)


def wants_json(request: HttpRequest) -> bool:
    return "application/json" in request.headers.get("Accept", "")


def json(payload: object, status: int = 200) -> HttpResponse:
    return HttpResponse(msgspec.json.encode(payload), content_type="application/json", status=status)


def locked_out(request: HttpRequest, *_: object) -> HttpResponse:
    """The response after too many wrong passwords for a username. django-axes calls it."""
    seconds = round(settings.AXES_COOLOFF_TIME.total_seconds())
    wait = f"{seconds // 60} minutes"
    return page(request, Refusal("too_many_attempts", retry_after_ms=seconds * 1000, wait=wait))


class ErrorPages:
    """Django middleware: renders a page for a Refusal or a database error that a view raised."""

    async_capable, sync_capable = True, False

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        markcoroutinefunction(self)

    async def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(settings.STATIC_URL):  # a missing file needs no page
            return HttpResponse(status=404)
        return await self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return page_for(request, error)


def page_for(request: HttpRequest, error: Exception) -> HttpResponse | None:
    """The page for a Refusal or a database error. None for other errors, which are bugs (500)."""
    if isinstance(error, OperationalError | InterfaceError):
        logger.warning("Database error at %s: %s", request.path, str(error).strip())
        error = Refusal("unavailable", retry_after_ms=RETRY_AFTER)
    if isinstance(error, Sanctioned):
        return sanction_page(request, error)
    return page(request, error) if isinstance(error, Refusal) else None


def sanction_page(request: HttpRequest, refusal: Sanctioned) -> HttpResponse:
    """The page for a person who was removed or banned: what happened, why, until when, and how to appeal."""
    is_json = "application/json" in request.headers.get("Accept", "")
    if is_json:
        return answer(refusal)
    context = {"sanction": refusal.sanction, "headline": headline(refusal.sanction), "event": refusal.event}
    return render(request, "sanction.html", context, status=refusal.status)


async def send_refusal(scope: dict[str, Any], send: Any, refusal: Refusal) -> None:
    """Send an error response from ASGI middleware, without a thread, session or database query."""
    accepted = next((value for name, value in scope["headers"] if name == b"accept"), b"")
    response = (answer if b"application/json" in accepted else lambda r: page(None, r))(refusal)
    headers = [(name.lower().encode(), value.encode("latin-1")) for name, value in response.items()]
    headers += [(b"content-length", str(len(response.content)).encode()), *_security_headers()]
    await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
    await send({"type": "http.response.body", "body": response.content})


@lru_cache(200)
def _rendered(template: str, title: str, message: str) -> bytes:
    return render_to_string(template, {"title": title, "message": message}).encode()


@lru_cache(1)
def _security_headers() -> list[tuple[bytes, bytes]]:
    """The security headers that Django's middleware sets on other pages."""
    return [
        (b"content-security-policy", (build_policy() or "").encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"x-frame-options", settings.X_FRAME_OPTIONS.encode()),
        (b"referrer-policy", settings.SECURE_REFERRER_POLICY.encode()),
        (b"cache-control", b"no-store"),
    ]


def _with_retry_after(response: HttpResponse, refusal: Refusal) -> HttpResponse:
    if refusal.retry_after_ms is not None:
        response["Retry-After"] = str(-(-refusal.retry_after_ms // 1000))
    return response
