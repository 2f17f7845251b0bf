"""A WebSocket connection of our server, with flow control in both directions.

Out: when more than Twisted's 64 KiB are unsent the connection is congested. Consumers then send nothing but
replies, and the server reads nothing more from the client until all is sent, so replies are bounded too. A
client that reads nothing for a minute is closed, whatever it sends.

In: each connection has a budget of bytes, and so have all connections of an IP address together
(`input_budget.py`). Beyond one of them the connection is neither read nor parsed for a while, also while it
closes.
"""

import asyncio
import os
from collections.abc import Callable
from time import monotonic
from typing import Any

from daphne.ws_protocol import WebSocketProtocol

from chat import frames
from chat.client_ip import limit_key

from ..connection import Frame
from . import input_budget
from .input_budget import FRAME_COST, PING_COST, InputBudget
from .twisted_internals import forget_request, send_now, unsent_bytes

MOST_UNSENT = 4 * 1024 * 1024  # bytes; beyond it the connection is aborted
PING_EVERY = 20.0  # seconds
STALLED_AFTER = 60.0  # seconds in which the client read nothing, though there was something to read
SHORTEST_REST = 0.1  # seconds: 200 connections that share a spent budget look at it 2,000 times a second


class WebSocket(WebSocketProtocol):
    """Satisfies `connection.Connection`."""

    is_congested = False
    on_stalled: Callable[[], None] | None = None
    _drained: asyncio.Future[None] | None = None
    _budget: InputBudget
    _shared_budget: InputBudget
    _resting: asyncio.TimerHandle | None = None  # until the input budgets allow to read on
    _unanswered_ping: bytes | None = None  # of the client
    _ping: bytes | None = None  # ours, not answered yet
    _unsent_before = 0

    def set_budgets(self, ip: str) -> None:
        """To be called before the handshake ends: frames may arrive together with the request."""
        self._budget = input_budget.of_connection()
        self._shared_budget = input_budget.of_ip(limit_key(ip))

    def start_flow_control(self) -> None:
        """To be called once the handshake is over."""
        forget_request(self)
        self._moved_at = self._pinged_at = monotonic()
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

    def processData(self) -> bool:
        """Autobahn parses half a frame, and returns whether to go on. A resting connection keeps the rest."""
        return not self._resting and super().processData()

    def onMessageFrameEnd(self) -> None:
        super().onMessageFrameEnd()
        self._spend(FRAME_COST)

    def onPing(self, payload: bytes) -> None:
        """Answer, or remember the latest ping until the client is read again (RFC 6455, 5.5.3)."""
        self._spend(PING_COST * self._budget.rate / input_budget.RATE)
        if self.is_congested or self._resting:
            self._unanswered_ping = payload
        else:
            self.sendPong(payload)

    def onPong(self, payload: bytes) -> None:
        self._spend(FRAME_COST)
        if payload == self._ping:  # only a client that reads knows it
            self._ping, self._moved_at = None, monotonic()

    def _spend(self, cost: float) -> None:
        if self.state not in (self.STATE_OPEN, self.STATE_CLOSING):
            return
        self._budget.spend(cost)
        self._shared_budget.spend(cost)
        if not self._resting and self._is_overdrawn():
            self.transport.pauseProducing()
            self._rest()

    def _is_overdrawn(self) -> bool:
        return self._budget.left < 0 or self._shared_budget.left < 0

    def _rest(self) -> None:
        rest = max(SHORTEST_REST, self._budget.rest(), self._shared_budget.rest())
        self._resting = asyncio.get_running_loop().call_later(rest, self._end_rest)

    def _end_rest(self) -> None:
        self._resting = None
        if self._budget.rest() or self._shared_budget.rest():  # others have spent the shared one
            self._rest()
        else:
            self._read_on()

    def _read_on(self) -> None:
        if self.is_congested or self._resting:
            return
        if self._unanswered_ping is not None:
            self.sendPong(self._unanswered_ping)
            self._unanswered_ping = None
        self.transport.resumeProducing()
        self.consumeData()  # what had arrived by then; it may be too much again

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
