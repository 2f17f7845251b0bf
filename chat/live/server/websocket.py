"""A WebSocket connection of our server, with flow control.

With more than Twisted's 64 KiB unsent, the connection is congested. Consumers then send nothing but replies.
The server stops reading from the client until everything is sent, so replies are bounded too. A client that
reads nothing for a minute is closed, whatever it sends.
"""

import asyncio
import os
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Any

from chat import frames

from ..connection import Frame
from .throttled_input import ThrottledInput
from .twisted_internals import forget_request, send_now, unsent_bytes

MOST_UNSENT = 4 * 1024 * 1024  # bytes; beyond it the connection is aborted
PING_EVERY = 20.0  # seconds
STALLED_AFTER = 60.0  # seconds in which the client read nothing, though there was something to read


class WebSocket(ThrottledInput):
    """Satisfies `chat.live.connection.Connection`."""

    on_stalled: Callable[[], None] | None = None
    _drained: asyncio.Future[None] | None = None
    _ping: bytes | None = None  # our ping that is not answered yet
    _unsent_before = 0

    def start_flow_control(self) -> None:
        """Call this once the handshake is over."""
        forget_request(self)
        self._moved_at = self._pinged_at = monotonic()
        self.transport.registerProducer(self, True)  # Twisted calls pause- and resumeProducing below

    # ── sending ──────────────────────────────────────────────────────────────────────────────────

    @property
    def unsent(self) -> int:
        return unsent_bytes(self.transport)

    def send_frame(self, frame: Frame) -> None:
        if self.state == self.STATE_OPEN:
            send_now(self.transport, frame.encoded)

    def send_frames(self, several: Sequence[Frame]) -> None:
        if self.state == self.STATE_OPEN:
            send_now(self.transport, b"".join([frame.encoded for frame in several]))

    def close_with(self, code: int) -> None:
        """Autobahn aborts the connection if the client does not answer the close frame within a second."""
        self.sendClose(code=code)

    def abort(self) -> None:
        self.transport.abortConnection()

    async def drained(self) -> None:
        while self.is_congested:
            if self._drained is None:
                self._drained = asyncio.get_running_loop().create_future()
            await asyncio.shield(self._drained)

    def pauseProducing(self) -> None:
        """Called by Twisted: more than 64 KiB are unsent."""
        if not self.is_congested:
            self.is_congested = True
            self.transport.pauseProducing()
        if self.unsent > MOST_UNSENT:
            self.abort()

    def resumeProducing(self) -> None:
        """Called by Twisted: everything is sent."""
        self._end_congestion()
        if self.transport.disconnecting:
            self.transport.unregisterProducer()  # Twisted closes only without a producer
        else:
            self._resume_reading()

    def stopProducing(self) -> None:
        """Called by Twisted: the connection is lost."""

    def _end_congestion(self) -> None:
        self.is_congested = False
        if self._drained:
            self._drained.set_result(None)
            self._drained = None

    # ── liveness ─────────────────────────────────────────────────────────────────────────────────

    def check_timeouts(self) -> None:
        """Called every 2 seconds. Daphne's own check accepts any received data as a sign of life."""
        now, is_open = monotonic(), self.state == self.STATE_OPEN
        if is_open and not (self._ping or self.is_congested or now - self._pinged_at > PING_EVERY):
            self._moved_at = now  # nearly all connections are idle
            return
        if not is_open or self.duration() > self.server.websocket_timeout:
            super().check_timeouts()
            return
        unsent = self.unsent
        # Nothing is added during congestion, so a smaller backlog shows that the client reads.
        if unsent < self._unsent_before if self.is_congested else self._ping is None:
            self._moved_at = now
        self._unsent_before = unsent
        if now - self._moved_at > STALLED_AFTER:
            self._stalled()
        elif self._ping is None and now - self._pinged_at > PING_EVERY:
            self._ping, self._pinged_at = os.urandom(8), now
            self.sendPing(self._ping)

    def onPong(self, payload: bytes) -> None:
        super().onPong(payload)
        if payload == self._ping:  # random, so only a client that reads can send it
            self._ping, self._moved_at = None, monotonic()

    def _stalled(self) -> None:
        if self.on_stalled:
            self.on_stalled()
        else:
            self.close_with(frames.CLOSE_SILENT)

    def connectionLost(self, reason: Any) -> None:
        super().connectionLost(reason)
        self.on_stalled = None
        self._end_congestion()
        self._cancel_throttle()
