"""Token buckets: a single one, and all buckets of one process, which are shared with the other processes."""

from collections import Counter, OrderedDict
from threading import Lock
from time import monotonic

from chat.refusals import Refusal

from .kinds import Kind

MOST_BUCKETS = 10_000  # of one kind: 2 MB. Beyond it the least recently used one is dropped


class Bucket:
    """A token bucket: it refills at `rate` tokens a second, up to `burst`."""

    __slots__ = ("at", "burst", "rate", "tokens")

    def __init__(self, rate: float, burst: float) -> None:
        self.rate, self.burst = rate, burst
        self.tokens, self.at = burst, monotonic()

    def take(self, refusal: str = "too_fast", tokens: float = 1) -> None:
        """Spend tokens. Raises Refusal, with the time until there are enough."""
        self.check(refusal, tokens)
        self.tokens -= tokens

    def check(self, refusal: str, tokens: float = 1) -> None:
        """Spend nothing. Raises Refusal if there are not enough tokens."""
        self.refill()
        missing = tokens - self.tokens
        if missing > 0:
            wait = max(100, round(missing / self.rate * 1000))
            raise Refusal(refusal, retry_after_ms=wait, wait=in_words(wait))

    def has(self, tokens: float) -> bool:
        self.refill()
        return self.tokens >= tokens

    def refill(self) -> None:
        now = monotonic()
        self.tokens = min(self.burst, self.tokens + (now - self.at) * self.rate)
        self.at = now

    def is_full(self, now: float) -> bool:
        return self.tokens + (now - self.at) * self.rate >= self.burst


class Buckets:
    """The buckets of one process, by kind and owner. `spent_here` and `spent_elsewhere` share them."""

    def __init__(self, kinds: dict[str, Kind]) -> None:
        self._kinds = kinds
        # The most recently used bucket is last, so full ones come first.
        self._buckets: dict[str, OrderedDict[str, Bucket]] = {kind: OrderedDict() for kind in kinds}
        self._spent: Counter[str] = Counter()  # in this process, not yet published to the others
        self._lock = Lock()  # pages run in threads

    def spent_here(self) -> Counter[str]:
        """The tokens spent in this process since the last call, by kind and key."""
        with self._lock:
            spent, self._spent = self._spent, Counter()
            return spent

    def spent_elsewhere(self, spent: dict[str, float]) -> None:
        """Spend the tokens that another process published. Kinds of another version are ignored."""
        with self._lock:
            for key, tokens in spent.items():
                kind, _, owner = key.partition(":")
                if kind in self._kinds:
                    self._overdraw(kind, owner, tokens)

    def forget_full(self) -> None:
        """Drop the buckets that are full again: a new one is the same."""
        with self._lock:
            for kind in self._kinds:
                self._forget(kind, len(self._buckets[kind]))

    def _spend(self, *keys: tuple[str, str], tokens: int = 1) -> None:
        """Take from all of these buckets, or from none. Raises Refusal."""
        with self._lock:
            buckets = [self._bucket(kind, owner) for kind, owner in keys]
            for (kind, _), bucket in zip(keys, buckets, strict=True):
                bucket.check(self._kinds[kind].refusal, tokens)
            for (kind, owner), bucket in zip(keys, buckets, strict=True):
                bucket.tokens -= tokens
                self._spent[f"{kind}:{owner}"] += tokens

    def _charge(self, *keys: tuple[str, str], tokens: int) -> None:
        """Take from all of these buckets, even if they have not enough."""
        with self._lock:
            for kind, owner in keys:
                self._overdraw(kind, owner, tokens)
                self._spent[f"{kind}:{owner}"] += tokens

    def _overdraw(self, kind: str, owner: str, tokens: float) -> None:
        bucket = self._bucket(kind, owner)
        bucket.refill()
        bucket.tokens = max(-bucket.burst, bucket.tokens - tokens)

    def _bucket(self, kind: str, owner: str) -> Bucket:
        buckets = self._buckets[kind]
        bucket = buckets.get(owner)
        if bucket is None:
            self._forget(kind, 2)  # drops full buckets faster than new ones are added
            if len(buckets) >= MOST_BUCKETS:
                buckets.popitem(last=False)
            rate, burst, _ = self._kinds[kind]
            bucket = buckets[owner] = Bucket(rate, burst)
        buckets.move_to_end(owner)
        return bucket

    def _forget(self, kind: str, most: int) -> None:
        buckets, now = self._buckets[kind], monotonic()
        for _ in range(most):
            owner = next(iter(buckets), None)
            if owner is None or not buckets[owner].is_full(now):
                return
            del buckets[owner]


def in_words(milliseconds: int) -> str:
    """A duration for people, rounded up: "1 second", "20 seconds", "5 minutes"."""
    seconds = -(-milliseconds // 1000)
    number, unit = (seconds, "second") if seconds < 60 else (-(-seconds // 60), "minute")
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
