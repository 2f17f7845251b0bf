"""How fast anybody may write: token buckets per person, per address and per socket.

Each process keeps its own and tells the others ten times a second what was spent here, over the channel
layer; without one, each counts for itself. So a limit holds over all processes, a tenth of a second late,
and no message ever waits for an answer from Redis.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from time import monotonic
from typing import TYPE_CHECKING, Any

from django.conf import settings

from chat.refusals import Refusal

if TYPE_CHECKING:
    from .consumer import Socket

FRAMES_PER_POST = 5.0  # a socket may send that many frames for each message its person may post
LEAST_FRAMES, LEAST_FRAME_BURST = 20.0, 200.0  # a second, and at once
ABUSE = 100  # refusals for speed on one socket, without a pause of TOLERANCE, then it is closed
TOLERANCE = 10.0  # seconds


class Bucket:
    __slots__ = ("at", "tokens")

    def __init__(self, burst: float) -> None:
        self.tokens, self.at = burst, monotonic()

    def refill(self, rate: float, burst: float) -> None:
        now = monotonic()
        self.tokens = min(burst, self.tokens + (now - self.at) * rate)
        self.at = now

    def take(self, rate: float, burst: float) -> None:
        """Raises Refusal: too_fast, with the time after which one more fits."""
        self.refill(rate, burst)
        if self.tokens < 1:
            raise Refusal("too_fast", retry_after_ms=max(100, round((1 - self.tokens) / rate * 1000)))
        self.tokens -= 1


class Limits:
    def __init__(self) -> None:
        self.rate, self.burst = settings.OBROLAN_POST_RATE, float(settings.OBROLAN_POST_BURST)
        crowd = settings.OBROLAN_SOCKETS_PER_ADDRESS / settings.OBROLAN_SOCKETS_PER_PERSON
        self.address_rate, self.address_burst = self.rate * crowd, self.burst * crowd
        self.frame_rate = max(LEAST_FRAMES, self.rate * FRAMES_PER_POST)
        self.frame_burst = max(LEAST_FRAME_BURST, self.burst * FRAMES_PER_POST)
        self._people: defaultdict[int, Bucket] = defaultdict(lambda: Bucket(self.burst))
        self._addresses: defaultdict[str, Bucket] = defaultdict(lambda: Bucket(self.address_burst))
        self._spent: Counter[str] = Counter()  # here, since the others were told

    def frame(self, socket: Socket) -> None:
        """Any frame of a socket. Raises Refusal: too_fast; flood, after which the socket is closed."""
        self._tolerate(socket, socket.bucket, self.frame_rate, self.frame_burst)

    def write(self, socket: Socket) -> None:
        """A post or a change. Raises Refusal: too_fast, flood."""
        assert socket.identity
        person, address = socket.identity.user.pk, socket.address
        self._tolerate(socket, self._people[person], self.rate, self.burst)
        self._tolerate(socket, self._addresses[address], self.address_rate, self.address_burst)
        self._spent[f"p{person}"] += 1
        self._spent[f"a{address}"] += 1

    def _tolerate(self, socket: Socket, bucket: Bucket, rate: float, burst: float) -> None:
        try:
            bucket.take(rate, burst)
        except Refusal:
            now = monotonic()
            socket.refusals = socket.refusals + 1 if now - socket.refused_at < TOLERANCE else 1
            socket.refused_at = now
            if socket.refusals > ABUSE:
                raise Refusal("flood") from None
            raise

    def spent_here(self) -> Counter[str]:
        """What to tell the other processes; empty when nothing was written since."""
        spent, self._spent = self._spent, Counter()
        return spent

    def spent_elsewhere(self, spent: dict[str, int]) -> None:
        for key, count in spent.items():
            if key[0] == "p":
                self._people[int(key[1:])].tokens -= count
            else:
                self._addresses[key[1:]].tokens -= count

    def tick(self) -> None:
        """Forget the buckets that are full again."""
        forget_full(self._people, self.rate, self.burst)
        forget_full(self._addresses, self.address_rate, self.address_burst)


def forget_full(buckets: dict[Any, Bucket], rate: float, burst: float) -> None:
    for key, bucket in list(buckets.items()):
        bucket.refill(rate, burst)
        if bucket.tokens >= burst:
            del buckets[key]
