"""A client's connection as the consumers see it: send frames, observe the unsent data, close.

On our server the WebSocket protocol object itself is the connection (`server.websocket`), and the ASGI scope
carries it. On other ASGI servers `AsgiConnection` takes its place, and flow control is that server's task.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from functools import lru_cache
from typing import Any, Protocol

from chat import frames

SCOPE_KEY = "obrolan.connection"
HEADS = 4096  # whose `pong` frames are kept

logger = logging.getLogger(__name__)


class Frame:
    """A text frame for any number of connections. It is encoded once."""

    __slots__ = ("_encoded", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._encoded = b""

    @property
    def encoded(self) -> bytes:
        """The bytes on the wire (RFC 6455, 5.2): a final, unmasked text frame."""
        if not self._encoded:
            payload = self.text.encode()
            size = len(payload)
            if size < 126:
                header = bytes((0x81, size))
            elif size < 65_536:
                header = b"\x81\x7e" + size.to_bytes(2)
            else:
                header = b"\x81\x7f" + size.to_bytes(8)
            self._encoded = header + payload
        return self._encoded


@lru_cache(HEADS)
def pong(head: int) -> Frame:
    """The `pong` for all sockets that were sent this change of their room."""
    return Frame(frames.pack([frames.encode(frames.Pong(head=head))])[0])


class Connection(Protocol):
    is_congested: bool  # too much is unsent: wait for `drained` before sending more
    on_text: Callable[[str], None] | None  # called with each text frame, once set; before, the inbox gets it
    on_stalled: Callable[[], None] | None  # called when the client has read nothing for a minute
    sign_of_life: Callable[[], Frame] | None  # called for a frame to send with each WebSocket ping

    @property
    def unsent(self) -> int:
        """Bytes that the kernel has not accepted yet."""

    def send_frame(self, frame: Frame) -> None:
        """Send a frame, after all unsent data. Does nothing on a closing connection."""

    def send_frames(self, frames: Sequence[Frame]) -> None:
        """Send frames in one write."""

    def close_with(self, code: int) -> None:
        """Close the connection after all unsent data."""

    def abort(self) -> None:
        """Drop the connection and its unsent data."""

    async def drained(self) -> None:
        """Wait until nothing is unsent or the connection is lost. Returns at once when not congested."""


class AsgiConnection:
    """A connection over ASGI's `send`. Frames leave in order, one after the other."""

    is_congested = False
    on_text: Callable[[str], None] | None = None  # never called: an ASGI server has only its queue
    on_stalled: Callable[[], None] | None = None
    sign_of_life: Callable[[], Frame] | None = None  # never called: here the ASGI server sends the pings
    unsent = 0  # unknown here: the ASGI server has its own buffers

    def __init__(self, send: Callable[[dict[str, Any]], Awaitable[None]]) -> None:
        self._send = send
        self._queue: list[dict[str, Any]] = []
        self._sending: asyncio.Task[None] | None = None

    def send_frame(self, frame: Frame) -> None:
        self._put({"type": "websocket.send", "text": frame.text})

    def send_frames(self, frames: Sequence[Frame]) -> None:
        for frame in frames:
            self.send_frame(frame)

    def close_with(self, code: int) -> None:
        self._put({"type": "websocket.close", "code": code})

    def abort(self) -> None:
        self._queue.clear()
        self.close_with(1011)

    async def drained(self) -> None:
        pass

    def _put(self, message: dict[str, Any]) -> None:
        self._queue.append(message)
        if self._sending is None:
            self._sending = asyncio.ensure_future(self._send_queue())

    async def _send_queue(self) -> None:
        try:
            while self._queue:
                await self._send(self._queue.pop(0))
        except (OSError, RuntimeError) as error:  # servers raise these when the client is gone
            logger.debug("A frame was not sent: %s", error)
            self._queue.clear()
        finally:
            self._sending = None
