"""How fast anybody may write: token buckets per person and per address, for every door of this process.

Each process keeps its own and tells the others ten times a second what was spent here, over the channel
layer; without one, each counts for itself. So a limit holds over all processes, a tenth of a second late,
and no message ever waits for an answer from Redis.
"""

from collections import Counter, defaultdict
from functools import cache
from time import monotonic
from typing import Any

from django.conf import settings

from .refusals import Refusal

FRAMES_PER_POST = 5.0  # a socket may send that many frames for each message its person may post
LEAST_FRAMES, LEAST_FRAME_BURST = 20.0, 200.0  # a second, and at once


class Bucket:
    """Tokens that fill up at `rate` a second to `burst`."""

    __slots__ = ("at", "burst", "rate", "tokens")

    def __init__(self, rate: float, burst: float) -> None:
        self.rate, self.burst = rate, burst
        self.tokens, self.at = burst, monotonic()

    def take(self) -> None:
        """Raises Refusal: too_fast, with the time after which one more fits."""
        self.refill()
        if self.tokens < 1:
            raise Refusal("too_fast", retry_after_ms=max(100, round((1 - self.tokens) / self.rate * 1000)))
        self.tokens -= 1

    def refill(self) -> bool:
        """True when it is full."""
        now = monotonic()
        self.tokens = min(self.burst, self.tokens + (now - self.at) * self.rate)
        self.at = now
        return self.tokens >= self.burst


class Limits:
    def __init__(self) -> None:
        rate, burst = settings.OBROLAN_POST_RATE, float(settings.OBROLAN_POST_BURST)
        crowd = max(1.0, settings.OBROLAN_SOCKETS_PER_ADDRESS / settings.OBROLAN_SOCKETS_PER_PERSON)
        self._frame_rate = max(LEAST_FRAMES, rate * FRAMES_PER_POST)
        self._frame_burst = max(LEAST_FRAME_BURST, burst * FRAMES_PER_POST)
        self._people: defaultdict[int, Bucket] = defaultdict(lambda: Bucket(rate, burst))
        self._addresses: defaultdict[str, Bucket] = defaultdict(lambda: Bucket(rate * crowd, burst * crowd))
        self._spent: Counter[str] = Counter()  # here, since the others were told

    def write(self, user_id: int, address: str) -> None:
        """A post or a change by this person from this address. Raises Refusal: too_fast."""
        self._people[user_id].take()
        self._addresses[address].take()
        self._spent[f"p{user_id}"] += 1
        self._spent[f"a{address}"] += 1

    def for_socket(self) -> Bucket:
        """For the frames of one socket, of any kind."""
        return Bucket(self._frame_rate, self._frame_burst)

    def spent_here(self) -> Counter[str]:
        """What to tell the other processes; empty when nothing was written since."""
        spent, self._spent = self._spent, Counter()
        return spent

    def spent_elsewhere(self, spent: dict[str, int]) -> None:
        for key, count in spent.items():
            bucket = self._people[int(key[1:])] if key[0] == "p" else self._addresses[key[1:]]
            bucket.tokens -= count

    def forget_full(self) -> None:
        _forget_full(self._people)
        _forget_full(self._addresses)


def _forget_full(buckets: dict[Any, Bucket]) -> None:
    for key, bucket in list(buckets.items()):
        if bucket.refill():
            del buckets[key]


@cache
def limits() -> Limits:
    """Those of this process."""
    return Limits()
