"""Input budgets of WebSocket connections: token buckets of bytes, one per connection and one per IP address.

A frame costs extra bytes, however small it is, since it has to be parsed and answered. A connection whose
budget is spent is throttled: the server neither reads nor parses its data for a while, and TCP slows the
client down.
"""

from functools import lru_cache
from time import monotonic

from django.conf import settings

from chat import frames

RATE = 64 * 1024.0  # bytes a second that a client may send, sustained
BURST = 512 * 1024.0  # bytes at once
# Bytes that each frame costs beside its own: 32 frames a second, 256 at once. It stays below FRAME_BYTES /
# limits.sockets.FRAMES_PER_POST, so a client within its rate limits is never throttled.
FRAME_COST = 2048.0
PING_COST = 1024.0  # bytes that a ping costs at RATE, so at most 64 a second are answered
LONGEST_THROTTLE = 10.0  # seconds
FRAMES_PER_SOCKET = 4  # frames that each socket of an IP address may send at once when all reconnect
IP_ADDRESSES = 10_000  # whose budgets are kept: 2 MB


class InputBudget:
    """A token bucket of bytes: it refills at `rate` bytes a second, up to `burst`.

    It may be overdrawn by as much as it refills in LONGEST_THROTTLE seconds.
    """

    __slots__ = ("_at", "burst", "left", "rate")

    def __init__(self, rate: float = RATE, burst: float = BURST) -> None:
        self.rate, self.burst = rate, burst
        self.left, self._at = burst, monotonic()

    def spend(self, cost: float) -> None:
        self._refill()
        self.left = max(self.left - cost, -LONGEST_THROTTLE * self.rate)

    def overdrawn_for(self) -> float:
        """Seconds until it is no longer overdrawn; 0 if it is not."""
        self._refill()
        return max(0.0, -self.left / self.rate)

    def _refill(self) -> None:
        now = monotonic()
        self.left = min(self.burst, self.left + (now - self._at) * self.rate)
        self._at = now


def connection_budget() -> InputBudget:
    """The budget of a new connection. It grows with the rate limit for messages."""
    return InputBudget(
        max(RATE, settings.OBROLAN_POST_RATE * frames.FRAME_BYTES),
        max(BURST, float(settings.OBROLAN_POST_BURST * frames.FRAME_BYTES)),
    )


@lru_cache(IP_ADDRESSES)
def ip_budget(key: str) -> InputBudget:
    """The budget that all connections of an IP address share in this process. `key`: client_ip.limit_key.

    It is enough for as many people as may be behind the IP address if each has all sockets that they may
    have.
    """
    one, sockets = connection_budget(), settings.OBROLAN_SOCKETS_PER_ADDRESS
    people = max(1.0, sockets / settings.OBROLAN_SOCKETS_PER_PERSON)
    return InputBudget(
        max(one.rate * people, sockets * FRAME_COST),  # one frame a second from each socket
        max(one.burst * people, sockets * FRAME_COST * FRAMES_PER_SOCKET),
    )
