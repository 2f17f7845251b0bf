"""The input budget of a WebSocket connection: how many bytes a second the server reads from one client.

Each frame and ping costs extra. The server stops reading from a client beyond its budget, and TCP slows the
client down.
"""

import asyncio
from time import monotonic

from daphne.ws_protocol import WebSocketProtocol

INPUT_RATE = 64 * 1024.0  # bytes a second that a client may send, sustained
INPUT_BURST = 512 * 1024.0  # bytes at once
FRAME_COST = 64  # bytes that a frame costs beside its own: even an empty one takes 5 µs to parse
PING_COST = 1024  # bytes that a ping costs at INPUT_RATE, so at most 64 a second are answered
LONGEST_THROTTLE = 10.0  # seconds


class BudgetedInput(WebSocketProtocol):
    input_rate, input_burst = INPUT_RATE, INPUT_BURST
    is_congested = False  # too much is unsent; nothing is read then either
    _budget, _budget_at = INPUT_BURST, 0.0
    _throttled: asyncio.TimerHandle | None = None  # until the budget allows reading again
    _unanswered_ping: bytes | None = None  # of the client

    def start_budget(self) -> None:
        self._budget, self._budget_at = self.input_burst, monotonic()

    def dataReceived(self, data: bytes) -> None:
        super().dataReceived(data)
        self._spend(len(data))

    def onMessageFrameEnd(self) -> None:
        super().onMessageFrameEnd()
        self._spend(FRAME_COST)

    def onPing(self, payload: bytes) -> None:
        """Answer, or keep the latest ping until the client is read again (RFC 6455, 5.5.3)."""
        self._spend(PING_COST * self.input_rate / INPUT_RATE)
        if self.is_congested or self._throttled:
            self._unanswered_ping = payload
        else:
            self.sendPong(payload)

    def _spend(self, cost: float) -> None:
        if self.state != self.STATE_OPEN:
            return
        self._refill()
        self._budget = max(self._budget - cost, -LONGEST_THROTTLE * self.input_rate)
        if self._budget < 0 and not self._throttled:
            self.transport.pauseProducing()
            self._throttle()

    def _refill(self) -> None:
        now = monotonic()
        refilled = self._budget + (now - self._budget_at) * self.input_rate
        self._budget, self._budget_at = min(self.input_burst, refilled), now

    def _throttle(self) -> None:
        seconds = -self._budget / self.input_rate
        self._throttled = asyncio.get_running_loop().call_later(seconds, self._end_throttle)

    def _end_throttle(self) -> None:
        self._throttled = None
        self._refill()
        if self._budget < 0:  # the frames that had already arrived have cost more
            self._throttle()
        else:
            self._resume_reading()

    def _resume_reading(self) -> None:
        if self.is_congested or self._throttled:
            return
        self.transport.resumeProducing()
        if self._unanswered_ping is not None:
            self.sendPong(self._unanswered_ping)
            self._unanswered_ping = None

    def _cancel_throttle(self) -> None:
        if self._throttled:
            self._throttled.cancel()
