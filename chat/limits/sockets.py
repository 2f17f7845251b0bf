"""The limits of sockets: how many open, what they send, and what they read from the database."""

from django.conf import settings

from chat.client_ip import limit_key
from chat.refusals import Refusal

from .buckets import Bucket, Buckets
from .keys import key_of_session
from .kinds import kinds

FRAMES_PER_POST = 5.0  # frames that a socket may send for each message that its user may post
MIN_FRAME_RATE, MIN_FRAME_BURST = 20.0, 200.0  # a second, and at once
READ_PER_TOKEN = 16 * 1024  # characters of a catch-up that cost one more token of the kind "catch_up"


class SocketLimits(Buckets):
    def __init__(self) -> None:
        super().__init__(kinds())
        rate, burst = settings.OBROLAN_POST_RATE, float(settings.OBROLAN_POST_BURST)
        self._frame_rate = max(MIN_FRAME_RATE, rate * FRAMES_PER_POST)
        self._frame_burst = max(MIN_FRAME_BURST, burst * FRAMES_PER_POST)

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
            self._charge(("catch_up.ip", limit_key(ip)), ("catch_up.person", str(user_id)), tokens=tokens)

    def socket_bucket(self) -> Bucket:
        """A new bucket for the frames of one socket."""
        return Bucket(self._frame_rate, self._frame_burst)


def keys_of_open(ip: str, session: str) -> list[tuple[str, str]]:
    """The buckets that the opening of a socket spends from. A client cannot forge the first."""
    return [("open.ip", limit_key(ip)), *key_of_session("open.person", session)]
