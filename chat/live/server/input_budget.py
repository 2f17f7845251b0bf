"""Input budgets of WebSocket connections: token buckets of bytes, one per connection and one per IP address.

A frame costs extra bytes, however small it is, because it has to be parsed and answered. A connection whose
budget is spent is neither read nor parsed for a while, and TCP makes its client wait.
"""

from functools import lru_cache
from time import monotonic

from django.conf import settings

from chat import frames

RATE = 64 * 1024.0  # bytes a second that a client may send, sustained
BURST = 512 * 1024.0  # bytes at once
# Bytes that each frame costs beside its own: 32 frames a second, 256 at once. It stays below FRAME_BYTES /
# limits.FRAMES_PER_POST, so that a client that keeps to its rate limits never waits.
FRAME_COST = 2048.0
PING_COST = 1024.0  # bytes that a ping costs at RATE: so at most 64 are answered a second
LONGEST_REST = 10.0  # seconds
FRAMES_PER_SOCKET = 4  # frames that each socket of an IP address may send at once when all reconnect
IP_ADDRESSES = 10_000  # whose budgets are remembered: 2 MB


class InputBudget:
    """Bytes that fill up at `rate` a second to `burst`. It may be overdrawn by LONGEST_REST seconds."""

    __slots__ = ("_at", "burst", "left", "rate")

    def __init__(self, rate: float = RATE, burst: float = BURST) -> None:
        self.rate, self.burst = rate, burst
        self.left, self._at = burst, monotonic()

    def spend(self, cost: float) -> None:
        self._refill()
        self.left = max(self.left - cost, -LONGEST_REST * self.rate)

    def rest(self) -> float:
        """Seconds until it is no longer overdrawn; 0 if it is not."""
        self._refill()
        return max(0.0, -self.left / self.rate)

    def _refill(self) -> None:
        now = monotonic()
        self.left = min(self.burst, self.left + (now - self._at) * self.rate)
        self._at = now


def of_connection() -> InputBudget:
    """The budget of a new connection. It grows with the rate limit for messages."""
    return InputBudget(
        max(RATE, settings.OBROLAN_POST_RATE * frames.FRAME_BYTES),
        max(BURST, float(settings.OBROLAN_POST_BURST * frames.FRAME_BYTES)),
    )


@lru_cache(IP_ADDRESSES)
def of_ip(key: str) -> InputBudget:
    """The budget that all connections of an IP address share in this process. `key`: client_ip.limit_key.

    It is that of as many people as the sockets are enough for, as with the limit for messages.
    """
    one, sockets = of_connection(), settings.OBROLAN_SOCKETS_PER_ADDRESS
    crowd = max(1.0, sockets / settings.OBROLAN_SOCKETS_PER_PERSON)
    return InputBudget(
        max(one.rate * crowd, sockets * FRAME_COST),  # a frame a second of each socket
        max(one.burst * crowd, sockets * FRAME_COST * FRAMES_PER_SOCKET),
    )
