"""View: the download of one's data, as a stream of JSON."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from threading import Lock
from time import monotonic
from weakref import finalize

from asgiref.sync import sync_to_async
from django.db import connection
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.timezone import localtime, now
from django.views.decorators.http import require_POST

from chat.limits import limits
from chat.models.own_data import parts_of
from chat.refusals import Refusal

from .own_pages import for_people

AT_ONCE = 2  # downloads in one process: each occupies one of the places of `load_shedding`
WITHIN = 1800.0  # seconds for a download; a client that reads slowly must not occupy it for ever
RETRY_AFTER = 30_000  # milliseconds

_running: set[int] = set()  # ids of users
_lock = Lock()  # each request has a thread


@require_POST
@for_people
def download(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """Raises Refusal: busy, too_many_downloads."""
    user = request.user
    content = _Download(user.pk, parts_of(user))
    try:
        limits().spend_personal("download", user.pk)
    except Refusal:
        content.close()
        raise
    response = StreamingHttpResponse(content, content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="obrolan-{localtime(now()):%Y-%m-%d}.json"'
    response["Cache-Control"] = "no-store"
    return response


class _Download:
    """It counts from here until Django closes the response, or drops one that it never sends.

    Raises Refusal: busy.
    """

    def __init__(self, user_id: int, parts: Iterator[str]) -> None:
        with _lock:
            if user_id in _running or len(_running) >= AT_ONCE:
                raise Refusal("busy", retry_after_ms=RETRY_AFTER)
            _running.add(user_id)
        self.close = finalize(self, _running.discard, user_id)  # once, however often it is called
        self._parts = parts

    async def __aiter__(self) -> AsyncIterator[str]:
        """`live.server.streams` waits for the client after each part, so only one is in memory."""
        try:
            ends_at = monotonic() + WITHIN
            while (part := await sync_to_async(_next)(self._parts)) and monotonic() < ends_at:
                yield part
        finally:
            self.close()


def _next(parts: Iterator[str]) -> str:
    try:
        return next(parts, "")
    finally:
        if not connection.in_atomic_block:
            connection.close()  # returns it to PostgreSQL's pool while the client reads
