"""Rate limits: token buckets per person and per IP address, for every way in. `kinds()` is the table of them.

Each process counts for itself and tells the others ten times a second what was spent, over the channel
layer. So a limit holds over all processes, a tenth of a second late, and nothing waits for Redis. Without a
layer each process has the whole limit.
"""

from collections import Counter, OrderedDict
from functools import cache
from hashlib import blake2b
from threading import Lock
from time import monotonic
from typing import NamedTuple

from django.conf import settings

from .client_ip import limit_key
from .refusals import Refusal

FRAMES_PER_POST = 5.0  # frames that a socket may send for each message its person may post
LEAST_FRAMES, LEAST_FRAME_BURST = 20.0, 200.0  # a second, and at once
LEAST_PEOPLE = 200  # behind one IP address, however few sockets it may have
MOST_BUCKETS = 10_000  # of one kind: 2 MB. Above this, the least recently used bucket is dropped
BODY_PER_TOKEN = 16 * 1024  # bytes of a request's body that cost one more token of the kind "page"
READ_PER_TOKEN = 16 * 1024  # characters of a catch-up that cost one more token of the kind "catch_up"


class Kind(NamedTuple):
    """What one bucket of a kind allows."""

    rate: float  # tokens a second
    burst: float  # tokens at once
    refusal: str = "too_fast"  # code of chat.refusals


def kinds() -> dict[str, Kind]:
    """Every kind of bucket: what one person, or one IP address, may spend a second and at once.

    A whole school may share an IP address. `crowd` is the number of people behind it when each uses as many
    sockets as allowed, `people` when each uses one.
    """
    rate, burst = settings.OBROLAN_POST_RATE, float(settings.OBROLAN_POST_BURST)
    sockets = float(settings.OBROLAN_SOCKETS_PER_ADDRESS)
    crowd = max(1.0, sockets / settings.OBROLAN_SOCKETS_PER_PERSON)
    people = max(LEAST_PEOPLE, sockets)
    return {
        "post.person": Kind(rate, burst),
        "post.ip": Kind(rate * crowd, burst * crowd),
        # All tabs of a person reconnect when a process restarts, and again when the next one does.
        "open.person": Kind(2, 6.0 * settings.OBROLAN_SOCKETS_PER_PERSON),
        "open.ip": Kind(people / 5, people * 5),
        # Refused sockets that are opened to send the error. Above this, the handshake is answered with 429.
        "refused_open.ip": Kind(people / 20, people / 4),
        # A hello with a cursor that the process does not remember reads up to 128 KiB, which costs 9 tokens.
        "catch_up.person": Kind(2, 3.0 * settings.OBROLAN_SOCKETS_PER_PERSON),
        "catch_up.ip": Kind(2 * crowd, 3.0 * sockets),
        # Nobody reads back faster than 500 messages a second, five pages of history.
        "page.person": Kind(5, 100, "too_many_requests"),
        # A person who enters loads about four pages; everybody may do so within a minute.
        "page.ip": Kind(people / 10, people * 1.5, "too_many_requests"),
        # Nobody fills in one form after the other in less than two seconds each.
        "write.person": Kind(0.5, 30, "too_many_changes"),
        "write.ip": Kind(people / 40, people, "too_many_changes"),
        # A class of as many as may have sockets enters at the same moment.
        "newcomer.ip": Kind(0.5, sockets, "too_many_newcomers"),
        # A class of 30 logs in at the same moment, and each mistypes once. A hash takes 0.25 s of a core.
        "hash.ip": Kind(people / 400, people * 0.3, "too_many_attempts"),
        # Somebody sets up a new site.
        "room.person": Kind(1 / 60, 10, "too_many_rooms"),
        # Each of a class of 30 makes a room in the same lesson.
        "room.ip": Kind(3 / 60, max(40, crowd * 2), "too_many_rooms"),
        # A person asks again when the first mail does not come.
        "mail.person": Kind(1 / 1200, 3, "too_many_mails"),
        "mail.ip": Kind(1 / 60, max(20, crowd), "too_many_mails"),
    }


class Bucket:
    """Tokens that fill up at `rate` a second to `burst`."""

    __slots__ = ("at", "burst", "rate", "tokens")

    def __init__(self, rate: float, burst: float) -> None:
        self.rate, self.burst = rate, burst
        self.tokens, self.at = burst, monotonic()

    def take(self, refusal: str = "too_fast", tokens: float = 1) -> None:
        """Spend tokens. Raises Refusal, with the time after which there are enough."""
        self.check(refusal, tokens)
        self.tokens -= tokens

    def check(self, refusal: str, tokens: float = 1) -> None:
        """Raises Refusal when there are not enough tokens, and spends none."""
        self.refill()
        missing = tokens - self.tokens
        if missing > 0:
            wait = max(100, round(missing / self.rate * 1000))
            raise Refusal(refusal, retry_after_ms=wait, wait=in_words(wait))

    def has(self, tokens: float) -> bool:
        self.refill()
        return self.tokens >= tokens

    def refill(self) -> bool:
        """True when it is full."""
        now = monotonic()
        self.tokens = min(self.burst, self.tokens + (now - self.at) * self.rate)
        self.at = now
        return self.tokens >= self.burst

    def is_full(self, now: float) -> bool:
        return self.tokens + (now - self.at) * self.rate >= self.burst


class Limits:
    """The buckets of one process. `spend_…` takes tokens or raises Refusal with the time to wait."""

    def __init__(self) -> None:
        rate, burst = settings.OBROLAN_POST_RATE, float(settings.OBROLAN_POST_BURST)
        self._frame_rate = max(LEAST_FRAMES, rate * FRAMES_PER_POST)
        self._frame_burst = max(LEAST_FRAME_BURST, burst * FRAMES_PER_POST)
        self._kinds = kinds()
        # The bucket that was used last is the last one, so that the full ones are in front.
        self._buckets: dict[str, OrderedDict[str, Bucket]] = {kind: OrderedDict() for kind in self._kinds}
        self._spent: Counter[str] = Counter()  # here, since the other processes were told
        self._lock = Lock()  # pages run in threads

    def spend_post(self, user_id: int, ip: str) -> None:
        """One message, or one change of a message. Raises Refusal: too_fast."""
        self._spend(("post.ip", limit_key(ip)), ("post.person", str(user_id)))

    def spend_open(self, ip: str, session: str = "") -> None:
        """One WebSocket that opens. `session` is the session cookie's value. Raises Refusal: too_fast.

        The session stands for the person, as in `spend_page`.
        """
        try:
            self._spend(*keys_of_open(ip, session))
        except Refusal:
            with self._lock:
                self._overdraw("refused_open.ip", limit_key(ip), 1)
            raise

    def check_open(self, ip: str, session: str = "") -> None:
        """Raises Refusal when `spend_open` would, and many sockets of this IP address were refused lately.

        So a flood of openings does not cost a handshake each. It spends nothing.
        """
        with self._lock:
            if self._bucket("refused_open.ip", limit_key(ip)).has(1):
                return
            for kind, who in keys_of_open(ip, session):
                self._bucket(kind, who).check(self._kinds[kind].refusal)

    def spend_catch_up(self, user_id: int, ip: str) -> None:
        """One catch-up that reads messages from the database. Raises Refusal: too_fast."""
        self._spend(("catch_up.ip", limit_key(ip)), ("catch_up.person", str(user_id)))

    def charge_catch_up(self, user_id: int, ip: str, characters: int) -> None:
        """The size of a catch-up, once it was read. It may overdraw the buckets: the next one waits."""
        if tokens := characters // READ_PER_TOKEN:
            keys = ("catch_up.ip", limit_key(ip)), ("catch_up.person", str(user_id))
            with self._lock:
                for kind, who in keys:
                    self._overdraw(kind, who, tokens)
                    self._spent[f"{kind}:{who}"] += tokens

    def spend_page(self, ip: str, session: str = "", body: int = 0) -> None:
        """One HTTP request of any kind. `session` is the session cookie's value, `body` the body's bytes.

        The session stands for the person, since it is known without a query. A client that invents new ones
        meets the limit of its IP address. Raises Refusal: too_many_requests.
        """
        keys = ("page.ip", limit_key(ip)), *key_of("page.person", session)
        self._spend(*keys, tokens=1 + body // BODY_PER_TOKEN)

    def spend_write(self, ip: str) -> None:
        """One form that changes something. Raises Refusal: too_many_changes."""
        self._spend(("write.ip", limit_key(ip)))

    def spend_write_of(self, user_id: int) -> None:
        """The same, once it is known who sent it. Raises Refusal: too_many_changes."""
        self._spend(("write.person", str(user_id)))

    def spend_newcomer(self, ip: str) -> None:
        """One new guest or account. Raises Refusal: too_many_newcomers."""
        self._spend(("newcomer.ip", limit_key(ip)))

    def spend_hash(self, ip: str) -> None:
        """One password hash. Raises Refusal: too_many_attempts."""
        self._spend(("hash.ip", limit_key(ip)))

    def spend_room(self, user_id: int, ip: str) -> None:
        """One new room. Raises Refusal: too_many_rooms."""
        self._spend(("room.ip", limit_key(ip)), ("room.person", str(user_id)))

    def spend_mail(self, ip: str) -> None:
        """One request for a password mail, whether or not the account exists.

        Raises Refusal: too_many_mails.
        """
        self._spend(("mail.ip", limit_key(ip)))

    def spend_mail_to(self, user_id: int) -> None:
        """One password mail to this account. Raises Refusal: too_many_mails."""
        self._spend(("mail.person", str(user_id)))

    def for_socket(self) -> Bucket:
        """A bucket for the frames of one socket, of any kind."""
        return Bucket(self._frame_rate, self._frame_burst)

    # ── shared with the other processes ──────────────────────────────────────────────────────────

    def spent_here(self) -> Counter[str]:
        """What to tell the other processes; empty when nothing was spent since."""
        with self._lock:
            spent, self._spent = self._spent, Counter()
            return spent

    def spent_elsewhere(self, spent: dict[str, float]) -> None:
        """What another process told. Kinds of another version are ignored."""
        with self._lock:
            for key, tokens in spent.items():
                kind, _, who = key.partition(":")
                if kind in self._kinds:
                    self._overdraw(kind, who, tokens)

    def forget_full(self) -> None:
        """Forget the buckets that are full again."""
        with self._lock:
            for kind in self._kinds:
                self._forget(kind, len(self._buckets[kind]))

    def _spend(self, *keys: tuple[str, str], tokens: int = 1) -> None:
        """Take from all of these buckets, or from none. Raises Refusal."""
        with self._lock:
            buckets = [self._bucket(kind, who) for kind, who in keys]
            for (kind, _), bucket in zip(keys, buckets, strict=True):
                bucket.check(self._kinds[kind].refusal, tokens)
            for (kind, who), bucket in zip(keys, buckets, strict=True):
                bucket.tokens -= tokens
                self._spent[f"{kind}:{who}"] += tokens

    def _overdraw(self, kind: str, who: str, tokens: float) -> None:
        bucket = self._bucket(kind, who)
        bucket.refill()
        bucket.tokens = max(-bucket.burst, bucket.tokens - tokens)

    def _bucket(self, kind: str, who: str) -> Bucket:
        buckets = self._buckets[kind]
        bucket = buckets.get(who)
        if bucket is None:
            self._forget(kind, 2)  # full ones leave faster than new ones come
            if len(buckets) >= MOST_BUCKETS:
                buckets.popitem(last=False)
            rate, burst, _ = self._kinds[kind]
            bucket = buckets[who] = Bucket(rate, burst)
        buckets.move_to_end(who)
        return bucket

    def _forget(self, kind: str, most: int) -> None:
        buckets, now = self._buckets[kind], monotonic()
        for _ in range(most):
            who = next(iter(buckets), None)
            if who is None or not buckets[who].is_full(now):
                return
            del buckets[who]


@cache
def limits() -> Limits:
    """Those of this process."""
    return Limits()


def keys_of_open(ip: str, session: str) -> list[tuple[str, str]]:
    """The buckets that the opening of a socket spends from. A client cannot invent the first."""
    return [("open.ip", limit_key(ip)), *key_of("open.person", session)]


def key_of(kind: str, session: str) -> list[tuple[str, str]]:
    """The bucket of a session cookie, by a hash of it, since other processes and logs see the key."""
    return [(kind, blake2b(session.encode(), digest_size=8).hexdigest())] if session else []


def in_words(milliseconds: int) -> str:
    """How long to wait: "1 second", "20 seconds", "5 minutes"."""
    seconds = -(-milliseconds // 1000)
    number, unit = (seconds, "second") if seconds < 60 else (-(-seconds // 60), "minute")
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
