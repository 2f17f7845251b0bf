"""HTTP requests with a bounded body and bounded unread responses, and a limit on WebSocket handshakes.

Twisted and Daphne keep several copies of a body before the application sees the request. Therefore a body
above its limit (`limits.bodies`) is discarded while it arrives. The request continues without it, and
`views.rate_limits` refuses it by its Content-Length. A client that sends far more than that is disconnected.

A flood of WebSocket handshakes is refused here with a 429, before a connection and a consumer exist for it.
"""

import asyncio
from typing import Any

from daphne.http_protocol import WebRequest
from django.conf import settings

from chat.client_ip import limit_key, scope_ip
from chat.limits import limits
from chat.limits.bodies import max_body
from chat.refusals import Refusal

from ..access.identity import session_key
from . import unread_responses
from .twisted_internals import path_of
from .uploads import WITHIN, uploads

DISCARDED_BYTES = 4 * 1024 * 1024  # of one body above its limit; up to so many, the client gets an answer
UPLOAD_AGAIN_AFTER = 5_000  # milliseconds


class BoundedRequest(WebRequest):
    received = 0  # bytes of the body
    taken = 0  # bytes of the memory for uploads
    is_refused = False  # there was no memory for this upload
    deadline: asyncio.TimerHandle | None = None  # of a large body

    def gotLength(self, length: int | None) -> None:
        super().gotLength(0)  # a buffer in memory; for unknown lengths Twisted would open a file

    def handleContentChunk(self, data: bytes) -> None:
        self.received += len(data)
        if self.received <= settings.DATA_UPLOAD_MAX_MEMORY_SIZE or self._is_upload(len(data)):
            self.content.write(data)
            return
        self.content.seek(0)
        self.content.truncate()
        if self.received > DISCARDED_BYTES + max_body(path_of(self)):
            self.channel.transport.abortConnection()

    def _is_upload(self, size: int) -> bool:
        """Whether a body that is larger than a form goes on."""
        if self.is_refused or self.received > max_body(path_of(self)):
            return False
        if self.deadline is None:
            abort = self.channel.transport.abortConnection
            self.deadline = asyncio.get_running_loop().call_later(WITHIN, abort)
            size = self.received
        self.is_refused = not uploads.take(self._key(), size)
        self.taken += 0 if self.is_refused else size
        return not self.is_refused

    def _end_upload(self) -> None:
        if self.deadline is not None:
            self.deadline.cancel()
        if self.taken:
            uploads.give_back(self._key(), self.taken)
            self.taken = 0

    def process(self) -> Any:
        if unread_responses.abort_if_unread(self.channel.transport):
            return None
        if self.deadline is not None:
            self.deadline.cancel()
        if self.is_refused:
            return self._refuse(Refusal("busy", retry_after_ms=UPLOAD_AGAIN_AFTER))
        if self.received > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            self.requestHeaders.setRawHeaders(b"content-length", [str(self.received).encode()])
        if self.requestHeaders.hasHeader(b"upgrade"):
            try:
                limits().check_open(*self._ip_and_session())
            except Refusal as refusal:
                return self._refuse(refusal)
        return super().process()

    def finish(self) -> None:
        transport = self.channel.transport if self.channel else None
        super().finish()
        if transport is not None:
            unread_responses.response_sent(transport, self._key())
        self._end_upload()

    def connectionLost(self, reason: Any) -> None:
        self._end_upload()
        super().connectionLost(reason)

    def _key(self) -> str:
        return limit_key(self._ip_and_session()[0])

    def _ip_and_session(self) -> tuple[str, str]:
        """The client's IP address and the value of the session cookie."""
        headers = self.requestHeaders.getAllRawHeaders()
        scope = {
            "headers": [(name.lower(), b",".join(values)) for name, values in headers],
            "client": [getattr(self.client, "host", None)],
        }
        return scope_ip(scope), session_key(scope)

    def _refuse(self, refusal: Refusal) -> None:
        self.setResponseCode(refusal.status)
        self.setHeader(b"retry-after", str(-(-(refusal.retry_after_ms or 0) // 1000)).encode())
        self.setHeader(b"connection", b"close")
        self.setHeader(b"content-type", b"text/plain; charset=utf-8")
        self.write(refusal.message.encode())
        self.finish()


def bound_bodies(factory: Any) -> None:
    """Make Daphne's factory use BoundedRequest."""
    build = factory.buildProtocol

    def build_protocol(address: object) -> Any:
        protocol = build(address)
        protocol.requestFactory = BoundedRequest
        return protocol

    factory.buildProtocol = build_protocol
