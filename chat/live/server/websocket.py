"""A WebSocket connection of our server, with flow control in both directions.

Out: when more than Twisted's 64 KiB are unsent the connection is congested. Consumers then send nothing but
replies, and the server reads nothing more from the client until all is sent, so replies are bounded too. A
client that reads nothing for a minute is closed, whatever it sends.

In: each connection has a budget of bytes; frames and pings cost extra. A client beyond it is not read for a
while, and TCP makes it wait.
"""

import asyncio
import os
from collections.abc import Callable
from time import monotonic
from typing import Any

from daphne.ws_protocol import WebSocketProtocol

from chat import frames

from ..connection import Frame
from .twisted_internals import forget_request, send_now, unsent_bytes

MOST_UNSENT = 4 * 1024 * 1024  # bytes; beyond it the connection is aborted
PING_EVERY = 20.0  # seconds
STALLED_AFTER = 60.0  # seconds in which the client read nothing, though there was something to read
INPUT_RATE = 64 * 1024.0  # bytes a second that a client may send, sustained
INPUT_BURST = 512 * 1024.0  # bytes at once
FRAME_COST = 64  # bytes that a frame costs beside its own: even an empty one takes 5 µs to parse
PING_COST = 1024  # bytes that a ping costs at INPUT_RATE: so at most 64 are answered a second
LONGEST_REST = 10.0  # seconds


class WebSocket(WebSocketProtocol):
    """Satisfies `connection.Connection`."""

    input_rate, input_burst = INPUT_RATE, INPUT_BURST
    is_congested = False
    on_stalled: Callable[[], None] | None = None
    _drained: asyncio.Future[None] | None = None
    _budget, _budget_at = INPUT_BURST, 0.0
    _resting: asyncio.TimerHandle | None = None  # until the input budget allows to read on
    _unanswered_ping: bytes | None = None  # of the client
    _ping: bytes | None = None  # ours, not answered yet
    _unsent_before = 0

    def start_flow_control(self) -> None:
        """To be called once the handshake is over."""
        forget_request(self)
        self._budget = self.input_burst
        self._budget_at = self._moved_at = self._pinged_at = monotonic()
        self.transport.registerProducer(self, True)  # Twisted calls pause- and resumeProducing below

    # ── out ──────────────────────────────────────────────────────────────────────────────────────

    @property
    def unsent(self) -> int:
        return unsent_bytes(self.transport)

    def send_frame(self, frame: Frame) -> None:
        if self.state == self.STATE_OPEN:
            send_now(self.transport, frame.encoded)

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
        """Twisted: more than 64 KiB are unsent."""
        if not self.is_congested:
            self.is_congested = True
            self.transport.pauseProducing()
        if self.unsent > MOST_UNSENT:
            self.abort()

    def resumeProducing(self) -> None:
        """Twisted: everything is sent."""
        self._end_congestion()
        if self.transport.disconnecting:
            self.transport.unregisterProducer()  # Twisted closes only without a producer
        else:
            self._read_on()

    def stopProducing(self) -> None:
        """Twisted: the connection is lost."""

    def _end_congestion(self) -> None:
        self.is_congested = False
        if self._drained:
            self._drained.set_result(None)
            self._drained = None

    # ── in ───────────────────────────────────────────────────────────────────────────────────────

    def dataReceived(self, data: bytes) -> None:
        super().dataReceived(data)
        self._spend(len(data))

    def onMessageFrameEnd(self) -> None:
        super().onMessageFrameEnd()
        self._spend(FRAME_COST)

    def onPing(self, payload: bytes) -> None:
        """Answer, or remember the latest ping until the client is read again (RFC 6455, 5.5.3)."""
        self._spend(PING_COST * self.input_rate / INPUT_RATE)
        if self.is_congested or self._resting:
            self._unanswered_ping = payload
        else:
            self.sendPong(payload)

    def _spend(self, cost: float) -> None:
        if self.state != self.STATE_OPEN:
            return
        self._refill()
        self._budget = max(self._budget - cost, -LONGEST_REST * self.input_rate)
        if self._budget < 0 and not self._resting:
            self.transport.pauseProducing()
            self._rest()

    def _refill(self) -> None:
        now = monotonic()
        refilled = self._budget + (now - self._budget_at) * self.input_rate
        self._budget, self._budget_at = min(self.input_burst, refilled), now

    def _rest(self) -> None:
        rest = -self._budget / self.input_rate
        self._resting = asyncio.get_running_loop().call_later(rest, self._end_rest)

    def _end_rest(self) -> None:
        self._resting = None
        self._refill()
        if self._budget < 0:  # the rest of what had arrived by then has cost more
            self._rest()
        else:
            self._read_on()

    def _read_on(self) -> None:
        if self.is_congested or self._resting:
            return
        self.transport.resumeProducing()
        if self._unanswered_ping is not None:
            self.sendPong(self._unanswered_ping)
            self._unanswered_ping = None

    # ── liveness ─────────────────────────────────────────────────────────────────────────────────

    def check_timeouts(self) -> None:
        """Called every 2 seconds. Daphne's own check is content with anything that a client sends."""
        if self.state != self.STATE_OPEN or self.duration() > self.server.websocket_timeout:
            super().check_timeouts()
            return
        now, unsent = monotonic(), self.unsent
        # Nothing is added while it is congested, so then a smaller backlog shows that the client reads.
        if unsent < self._unsent_before if self.is_congested else self._ping is None:
            self._moved_at = now
        self._unsent_before = unsent
        if now - self._moved_at > STALLED_AFTER:
            self._stalled()
        elif self._ping is None and now - self._pinged_at > PING_EVERY:
            self._ping, self._pinged_at = os.urandom(8), now
            self.sendPing(self._ping)

    def onPong(self, payload: bytes) -> None:
        if payload == self._ping:  # only a client that reads knows it
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
        if self._resting:
            self._resting.cancel()
