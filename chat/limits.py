"""How fast anybody may write, and strangers come: token buckets per person and address, for every door.

Each process keeps its own and tells the others ten times a second what was spent here, over the channel
layer; without one, each counts for itself. So a limit holds over all processes, a tenth of a second late,
and nothing ever waits for an answer from Redis.
"""

from collections import Counter
from functools import cache
from time import monotonic

from django.conf import settings

from .refusals import Refusal

FRAMES_PER_POST = 5.0  # a socket may send that many frames for each message its person may post
LEAST_FRAMES, LEAST_FRAME_BURST = 20.0, 200.0  # a second, and at once
CATCH_UPS_PER_SECOND = 2.0  # of one person, sustained
CATCH_UPS_PER_SOCKET = 3.0  # at once, for each socket that a person may have
NEWCOMERS_PER_SECOND = 0.5  # from one address, sustained; at once as many as it may have sockets


class Bucket:
    """Tokens that fill up at `rate` a second to `burst`."""

    __slots__ = ("at", "burst", "rate", "tokens")

    def __init__(self, rate: float, burst: float) -> None:
        self.rate, self.burst = rate, burst
        self.tokens, self.at = burst, monotonic()

    def take(self, refusal: str = "too_fast") -> None:
        """Raises Refusal, with the time after which one more fits."""
        self.refill()
        if self.tokens < 1:
            raise Refusal(refusal, retry_after_ms=max(100, round((1 - self.tokens) / self.rate * 1000)))
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
        catch_ups = CATCH_UPS_PER_SOCKET * settings.OBROLAN_SOCKETS_PER_PERSON
        self._frame_rate = max(LEAST_FRAMES, rate * FRAMES_PER_POST)
        self._frame_burst = max(LEAST_FRAME_BURST, burst * FRAMES_PER_POST)
        self._kinds = {  # a bucket's key begins with its kind: what fits in a second, and at once
            "p": (rate, burst),
            "a": (rate * crowd, burst * crowd),
            "n": (NEWCOMERS_PER_SECOND, float(settings.OBROLAN_SOCKETS_PER_ADDRESS)),
            "c": (CATCH_UPS_PER_SECOND, catch_ups),
            "d": (CATCH_UPS_PER_SECOND * crowd, catch_ups * crowd),
        }
        self._buckets: dict[str, Bucket] = {}
        self._spent: Counter[str] = Counter()  # here, since the others were told

    def write(self, user_id: int, address: str) -> None:
        """A post or a change by this person from this address. Raises Refusal: too_fast."""
        self._take(f"p{user_id}")
        self._take(f"a{address}")

    def catch_up(self, user_id: int, address: str) -> None:
        """A catch-up that reads messages from the database. Raises Refusal: too_fast."""
        self._take(f"c{user_id}")
        self._take(f"d{address}")

    def let_in(self, address: str) -> None:
        """One more guest or account from this address. Raises Refusal: too_many_newcomers."""
        self._take(f"n{address}", "too_many_newcomers")

    def for_socket(self) -> Bucket:
        """For the frames of one socket, of any kind."""
        return Bucket(self._frame_rate, self._frame_burst)

    def spent_here(self) -> Counter[str]:
        """What to tell the other processes; empty when nothing was written since."""
        spent, self._spent = self._spent, Counter()
        return spent

    def spent_elsewhere(self, spent: dict[str, int]) -> None:
        for key, count in spent.items():
            self._bucket(key).tokens -= count

    def forget_full(self) -> None:
        for key, bucket in list(self._buckets.items()):
            if bucket.refill():
                del self._buckets[key]

    def _take(self, key: str, refusal: str = "too_fast") -> None:
        self._bucket(key).take(refusal)
        self._spent[key] += 1

    def _bucket(self, key: str) -> Bucket:
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = Bucket(*self._kinds[key[0]])
        return bucket


@cache
def limits() -> Limits:
    """Those of this process."""
    return Limits()
