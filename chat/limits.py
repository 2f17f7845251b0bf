"""Rate limits: token buckets per person and per IP address, for every entry point. `kinds()` lists them.

Each process has its own buckets, and publishes the tokens spent to the others over the channel layer, ten
times a second. So a limit holds over all processes, a tenth of a second late, and no request waits for Redis.
While the layer is down, each process allows the whole limit.
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

FRAMES_PER_POST = 5.0  # frames that a socket may send for each message that its user may post
MIN_FRAME_RATE, MIN_FRAME_BURST = 20.0, 200.0  # a second, and at once
MIN_PEOPLE = 200  # behind one IP address, even if it may have fewer sockets
MOST_BUCKETS = 10_000  # of one kind: 2 MB. Beyond it the least recently used one is dropped
BODY_PER_TOKEN = 16 * 1024  # bytes of a request's body that cost one more token of the kind "page"
READ_PER_TOKEN = 16 * 1024  # characters of a catch-up that cost one more token of the kind "catch_up"


class Kind(NamedTuple):
    """The rate and burst of the buckets of one kind."""

    rate: float  # tokens a second
    burst: float  # tokens at once
    refusal: str = "too_fast"  # code of chat.refusals


def kinds() -> dict[str, Kind]:
    """Every kind of bucket: how much one person or one IP address may spend, a second and at once.

    A whole school may share an IP address. `people` is the number of people behind it if each has one socket,
    `few_people` if each has as many as allowed.
    """
    rate, burst = settings.OBROLAN_POST_RATE, float(settings.OBROLAN_POST_BURST)
    sockets = float(settings.OBROLAN_SOCKETS_PER_ADDRESS)
    few_people = max(1.0, sockets / settings.OBROLAN_SOCKETS_PER_PERSON)
    people = max(MIN_PEOPLE, sockets)
    return {
        "post.person": Kind(rate, burst),
        "post.ip": Kind(rate * few_people, burst * few_people),
        # All tabs of a person reconnect when a process restarts, and again when the next one does.
        "open.person": Kind(2, 6.0 * settings.OBROLAN_SOCKETS_PER_PERSON),
        "open.ip": Kind(people / 5, people * 5),
        # Refused sockets that are opened to send the error. Beyond this, the handshake is answered with 429.
        "refused_open.ip": Kind(people / 20, people / 4),
        # A catch-up from the database reads up to 128 KiB, which costs 9 tokens.
        "catch_up.person": Kind(2, 3.0 * settings.OBROLAN_SOCKETS_PER_PERSON),
        "catch_up.ip": Kind(2 * few_people, 3.0 * sockets),
        # Five pages of history, that is 500 messages, a second.
        "page.person": Kind(5, 100, "too_many_requests"),
        # A person who enters loads about four pages. Everybody may enter within a minute.
        "page.ip": Kind(people / 10, people * 1.5, "too_many_requests"),
        # One form takes a person at least two seconds.
        "write.person": Kind(0.5, 30, "too_many_changes"),
        "write.ip": Kind(people / 40, people, "too_many_changes"),
        # As many people as may have sockets enter at the same moment.
        "newcomer.ip": Kind(0.5, sockets, "too_many_newcomers"),
        # A class of 30 logs in at the same moment, each with one typing error. A hash takes 0.25 s of a core.
        "hash.ip": Kind(people / 400, people * 0.3, "too_many_attempts"),
        # The first user of a new site creates its rooms.
        "room.person": Kind(1 / 60, 10, "too_many_rooms"),
        # Each of a class of 30 creates a room in the same lesson.
        "room.ip": Kind(3 / 60, max(40, few_people * 2), "too_many_rooms"),
        # A person repeats the request when the first mail does not arrive.
        "mail.person": Kind(1 / 1200, 3, "too_many_mails"),
        "mail.ip": Kind(1 / 60, max(20, few_people), "too_many_mails"),
    }


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


class Limits:
    """The buckets of one process. `spend_…` takes tokens or raises Refusal with the time to wait."""

    def __init__(self) -> None:
        rate, burst = settings.OBROLAN_POST_RATE, float(settings.OBROLAN_POST_BURST)
        self._frame_rate = max(MIN_FRAME_RATE, rate * FRAMES_PER_POST)
        self._frame_burst = max(MIN_FRAME_BURST, burst * FRAMES_PER_POST)
        self._kinds = kinds()
        # The most recently used bucket is last, so full ones come first.
        self._buckets: dict[str, OrderedDict[str, Bucket]] = {kind: OrderedDict() for kind in self._kinds}
        self._spent: Counter[str] = Counter()  # in this process, not yet published to the others
        self._lock = Lock()  # pages run in threads

    def spend_post(self, user_id: int, ip: str) -> None:
        """One message, or one change of a message. Raises Refusal: too_fast."""
        self._spend(("post.ip", limit_key(ip)), ("post.person", str(user_id)))

    def spend_open(self, ip: str, session: str = "") -> None:
        """One WebSocket that opens. `session` is the session cookie, as in `spend_page`.

        Raises Refusal: too_fast.
        """
        try:
            self._spend(*keys_of_open(ip, session))
        except Refusal:
            with self._lock:
                self._overdraw("refused_open.ip", limit_key(ip), 1)
            raise

    def check_open(self, ip: str, session: str = "") -> None:
        """Raises Refusal if `spend_open` would, and many sockets of this IP address were refused recently.

        So a flood of openings does not cost a handshake each. This spends nothing.
        """
        with self._lock:
            if self._bucket("refused_open.ip", limit_key(ip)).has(1):
                return
            for kind, owner in keys_of_open(ip, session):
                self._bucket(kind, owner).check(self._kinds[kind].refusal)

    def spend_catch_up(self, user_id: int, ip: str) -> None:
        """One catch-up that reads messages from the database. Raises Refusal: too_fast."""
        self._spend(("catch_up.ip", limit_key(ip)), ("catch_up.person", str(user_id)))

    def charge_catch_up(self, user_id: int, ip: str, characters: int) -> None:
        """The size of a catch-up, after it was read. This may overdraw the buckets; the next one waits."""
        if tokens := characters // READ_PER_TOKEN:
            keys = ("catch_up.ip", limit_key(ip)), ("catch_up.person", str(user_id))
            with self._lock:
                for kind, owner in keys:
                    self._overdraw(kind, owner, tokens)
                    self._spent[f"{kind}:{owner}"] += tokens

    def spend_page(self, ip: str, session: str = "", body: int = 0) -> None:
        """One HTTP request. `session` is the session cookie, and `body` the size of the body in bytes.

        The session identifies the person without a query. A client that invents sessions is limited by its IP
        address. Raises Refusal: too_many_requests.
        """
        keys = ("page.ip", limit_key(ip)), *key_of_session("page.person", session)
        self._spend(*keys, tokens=1 + body // BODY_PER_TOKEN)

    def spend_write(self, ip: str) -> None:
        """One form that changes something. Raises Refusal: too_many_changes."""
        self._spend(("write.ip", limit_key(ip)))

    def spend_write_by(self, user_id: int) -> None:
        """The same form, once its user is known. Raises Refusal: too_many_changes."""
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

    def socket_bucket(self) -> Bucket:
        """A new bucket for the frames of one socket."""
        return Bucket(self._frame_rate, self._frame_burst)

    # ── shared with the other processes ──────────────────────────────────────────────────────────

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


@cache
def limits() -> Limits:
    """The limits of this process."""
    return Limits()


def keys_of_open(ip: str, session: str) -> list[tuple[str, str]]:
    """The buckets that the opening of a socket spends from. A client cannot forge the first."""
    return [("open.ip", limit_key(ip)), *key_of_session("open.person", session)]


def key_of_session(kind: str, session: str) -> list[tuple[str, str]]:
    """The bucket of a session cookie. Its key is a hash, since keys are sent to other processes."""
    return [(kind, blake2b(session.encode(), digest_size=8).hexdigest())] if session else []


def in_words(milliseconds: int) -> str:
    """A duration for people, rounded up: "1 second", "20 seconds", "5 minutes"."""
    seconds = -(-milliseconds // 1000)
    number, unit = (seconds, "second") if seconds < 60 else (-(-seconds // 60), "minute")
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
