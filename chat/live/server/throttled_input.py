"""The receiving half of a WebSocket connection: it throttles a client that exceeds an input budget.

A connection spends from its own budget and from that of its IP address (`input_budget`), also while it
closes. A throttled connection is neither read nor parsed.
"""

import asyncio
from collections.abc import Callable

from daphne.ws_protocol import WebSocketProtocol

from chat.client_ip import limit_key

from . import input_budget
from .input_budget import FRAME_COST, PING_COST, InputBudget
from .small_frames import PONG, whole_payload
from .twisted_internals import is_between_frames

SHORTEST_THROTTLE = 0.1  # seconds: 200 connections that share a spent budget check it 2,000 times a second


class ThrottledInput(WebSocketProtocol):
    on_text: Callable[[str], None] | None = None  # receives each text frame, once the consumer set it
    is_congested = False  # too much is unsent; the client is not read then either
    _budget: InputBudget
    _shared_budget: InputBudget
    _throttled: asyncio.TimerHandle | None = None  # until the budgets allow reading again
    _unanswered_ping: bytes | None = None  # of the client

    def set_budgets(self, ip: str) -> None:
        """Call this before the handshake ends: frames may arrive together with the request."""
        self._budget = input_budget.connection_budget()
        self._shared_budget = input_budget.ip_budget(limit_key(ip))

    def dataReceived(self, data: bytes) -> None:
        if not self._receive_whole(data):
            super().dataReceived(data)
            self._spend(len(data))

    def _receive_whole(self, data: bytes) -> bool:
        """Handle data that is exactly one text or pong frame. Returns False for other data.

        Nearly all data is like that. Autobahn parses it more slowly, and passes it to a queue.
        """
        if self.on_text is None or self._throttled or not is_between_frames(self):
            return False
        payload = whole_payload(data)
        if payload is None:
            return False
        if data[0] == PONG:
            self._spend(len(data))
            self.onPong(payload)
            return True
        try:
            text = payload.decode()
        except UnicodeDecodeError:  # Autobahn closes the connection
            return False
        self._spend(len(data) + FRAME_COST)
        self.on_text(text)
        return True

    def onMessage(self, payload: bytes, isBinary: bool) -> None:
        if self.on_text is None or isBinary:
            super().onMessage(payload, isBinary)
        else:
            self.on_text(payload.decode())

    def processData(self) -> bool:
        """Parse half a frame, and return whether to go on. A throttled connection keeps the rest unparsed."""
        return not self._throttled and super().processData()

    def onMessageFrameEnd(self) -> None:
        super().onMessageFrameEnd()
        self._spend(FRAME_COST)

    def onPing(self, payload: bytes) -> None:
        """Answer, or keep the latest ping until the client is read again (RFC 6455, 5.5.3)."""
        self._spend(PING_COST * self._budget.rate / input_budget.RATE)
        if self.is_congested or self._throttled:
            self._unanswered_ping = payload
        else:
            self.sendPong(payload)

    def onPong(self, payload: bytes) -> None:
        self._spend(FRAME_COST)

    def _spend(self, cost: float) -> None:
        if self.state not in (self.STATE_OPEN, self.STATE_CLOSING):
            return
        self._budget.spend(cost)
        self._shared_budget.spend(cost)
        if not self._throttled and (self._budget.left < 0 or self._shared_budget.left < 0):
            self.transport.pauseProducing()
            self._throttle()

    def _throttle(self) -> None:
        overdrawn = max(self._budget.overdrawn_for(), self._shared_budget.overdrawn_for())
        seconds = max(SHORTEST_THROTTLE, overdrawn)
        self._throttled = asyncio.get_running_loop().call_later(seconds, self._end_throttle)

    def _end_throttle(self) -> None:
        self._throttled = None
        if self._budget.overdrawn_for() or self._shared_budget.overdrawn_for():  # others spent the shared one
            self._throttle()
        else:
            self._resume_reading()

    def _resume_reading(self) -> None:
        if self.is_congested or self._throttled:
            return
        if self._unanswered_ping is not None:
            self.sendPong(self._unanswered_ping)
            self._unanswered_ping = None
        self.transport.resumeProducing()
        self.consumeData()  # parse the data that arrived before; it may exceed the budget again

    def _cancel_throttle(self) -> None:
        if self._throttled:
            self._throttled.cancel()
