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
PING_EVERY = 30.0  # seconds
CHECK_EVERY = 5.0  # seconds, while a ping is unanswered or data is unsent
STALLED_AFTER = 60.0  # seconds in which the client read nothing, though there was something to read
PING = b"\x89\x08"  # the header of a final frame with 8 bytes (RFC 6455, 5.2)


class WebSocket(ThrottledInput):
    """Satisfies `chat.live.connection.Connection`."""

    on_stalled: Callable[[], None] | None = None
    sign_of_life: Callable[[], Frame] | None = None
    _check_timer: asyncio.TimerHandle | None = None
    _drained: asyncio.Future[None] | None = None
    _ping: bytes | None = None  # our ping that is not answered yet
    _unsent_before = 0

    def start_flow_control(self) -> None:
        """Call this once the handshake is over."""
        forget_request(self)
        self._moved_at = self._pinged_at = monotonic()
        self.transport.registerProducer(self, True)  # Twisted calls pause- and resumeProducing below
        early = PING_EVERY / 2 * ord(os.urandom(1)) / 255  # many reconnect at the same time
        self._pinged_at -= early
        self._check_in(PING_EVERY - early)

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
            self._moved_at = monotonic()
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
        """Called by Daphne every 2 seconds. An open connection has its own timer instead."""
        if self.state != self.STATE_OPEN:
            super().check_timeouts()

    def _check_in(self, seconds: float) -> None:
        self._check_timer = asyncio.get_running_loop().call_later(seconds, self.check)

    def check(self) -> None:
        """Close a client that does not read, or send the next ping.

        Daphne's own check accepts any data from the client as a sign that it reads.
        """
        if self.state != self.STATE_OPEN:
            return
        if self.duration() > self.server.websocket_timeout:
            self.serverClose()
            return
        now, unsent = monotonic(), self.unsent
        # Nothing is added during congestion, so a smaller backlog shows that the client reads.
        if unsent < self._unsent_before if self.is_congested else self._ping is None:
            self._moved_at = now
        self._unsent_before = unsent
        if now - self._moved_at > STALLED_AFTER:
            self._stalled()
        elif self._ping or self.is_congested:
            self._check_in(CHECK_EVERY)
        elif now - self._pinged_at < PING_EVERY:
            self._check_in(self._pinged_at + PING_EVERY - now)
        else:
            self._check_in(CHECK_EVERY)
            self._send_ping(now)

    def _send_ping(self, now: float) -> None:
        """With a sign of life for the client's own code, which does not see pings."""
        self._ping, self._pinged_at = os.urandom(8), now
        sign = self.sign_of_life().encoded if self.sign_of_life else b""
        send_now(self.transport, PING + self._ping + sign)

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
        self.on_text = self.on_stalled = self.sign_of_life = None
        if self._check_timer:
            self._check_timer.cancel()
        self._end_congestion()
        self._cancel_throttle()
