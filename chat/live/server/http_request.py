"""HTTP requests with a bounded body.

Twisted and Daphne keep several copies of a body before the application sees the request. Therefore a body
above DATA_UPLOAD_MAX_MEMORY_SIZE is discarded while it arrives. The request continues without it, and
`views.rate_limits` refuses it by its Content-Length. A client that sends far more than that is disconnected.
"""

from typing import Any

from daphne.http_protocol import WebRequest
from django.conf import settings

DISCARDED_BYTES = 4 * 1024 * 1024  # of one body; up to so many, the client still gets an answer


class BoundedRequest(WebRequest):
    received = 0  # bytes of the body

    def gotLength(self, length: int | None) -> None:
        super().gotLength(0)  # a buffer in memory; for unknown lengths Twisted would open a file

    def handleContentChunk(self, data: bytes) -> None:
        self.received += len(data)
        if self.received <= settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            self.content.write(data)
            return
        self.content.seek(0)
        self.content.truncate()
        if self.received > DISCARDED_BYTES:
            self.channel.transport.abortConnection()

    def process(self) -> Any:
        if self.received > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            self.requestHeaders.setRawHeaders(b"content-length", [str(self.received).encode()])
        return super().process()


def bound_bodies(factory: Any) -> None:
    """Make Daphne's factory use BoundedRequest."""
    build = factory.buildProtocol

    def build_protocol(address: object) -> Any:
        protocol = build(address)
        protocol.requestFactory = BoundedRequest
        return protocol

    factory.buildProtocol = build_protocol
