"""Rate limits for HTTP requests.

`RateLimits` counts every request before Django handles it, so a refusal costs no thread, session or query.
`WriteLimits` counts every request with an unsafe method before its form is parsed, also in the admin.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import markcoroutinefunction
from django.conf import settings
from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponse, parse_cookie

from chat.client_ip import client_ip, scope_ip, serving
from chat.limits import limits
from chat.limits.bodies import max_body
from chat.refusals import Refusal

from . import errors
from .load_shedding import is_cheap

DELAY = 0.5  # seconds before a refusal is sent: ten connections in a loop get 20 per second, not 2,000
MAX_DELAYED = 100  # delayed refusals in one process; further ones are sent immediately
PICTURES = "/pictures/"  # of people: a page may show many
SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")


class RateLimits:
    """ASGI middleware: limits the size of the body and spends "page" tokens, except for static files."""

    def __init__(self, application: Any) -> None:
        self.application = application
        self.delayed = 0

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if is_cheap(scope["path"]):
            await self.application(scope, receive, send)
            return
        try:
            headers, path = dict(scope["headers"]), scope["path"]
            body, ip, session = content_length(headers), scope_ip(scope), session_cookie(headers)
            if path.startswith(PICTURES):
                limits().spend_picture(ip, session)
            else:
                limits().spend_page(ip, session, min(body, settings.DATA_UPLOAD_MAX_MEMORY_SIZE))
            if body > max_body(path):
                raise Refusal("too_big")
        except Refusal as refusal:
            await self._delay()
            await errors.send_refusal(scope, send, refusal)
        else:
            await self.application(scope, receive, send)

    async def _delay(self) -> None:
        if self.delayed >= MAX_DELAYED:
            return
        self.delayed += 1
        try:
            await asyncio.sleep(DELAY)
        finally:
            self.delayed -= 1


def content_length(headers: dict[bytes, bytes]) -> int:
    """The Content-Length, from its first ten digits: Python refuses to parse thousands of them."""
    length = headers.get(b"content-length", b"0")[:10]
    return int(length) if length.isdigit() else 0


def session_cookie(headers: dict[bytes, bytes]) -> str:
    cookies = headers.get(b"cookie", b"").decode("latin-1")
    return parse_cookie(cookies).get(settings.SESSION_COOKIE_NAME, "")[:64] if cookies else ""


class WriteLimits:
    """Django middleware: spends "write" tokens for unsafe methods, unless the view has its own limit.

    It also provides the client's IP address to the rate limits of actions (`client_ip.current_ip`).
    """

    async_capable, sync_capable = True, False

    def __init__(self, get_response: Callable[[HttpRequest], Awaitable[HttpResponse]]) -> None:
        self.get_response = get_response
        markcoroutinefunction(self)

    async def __call__(self, request: HttpRequest) -> HttpResponse:
        with serving(client_ip(request)):
            return await self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable, *_: object) -> HttpResponse | None:
        if request.method in SAFE or getattr(view, "has_post_limit", False):
            return None
        try:
            limits().spend_write(client_ip(request))
            if request.user.is_authenticated:  # this is the first query
                limits().spend_write_by(request.user.pk)
        except (Refusal, DatabaseError) as error:
            return errors.page_for(request, error)
        return None


def has_post_limit(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Mark a view whose only unsafe method posts a message, which has its own limit (`spend_post`)."""
    view.has_post_limit = True  # type: ignore[attr-defined]
    return view
