"""Rate limits: token buckets per person and per IP address, for every entry point. `kinds` lists them.

Each process has its own buckets, and publishes the tokens spent to the others over the channel layer, ten
times a second. So a limit holds over all processes, a tenth of a second late, and no request waits for Redis.
While the layer is down, each process allows the whole limit.
"""

from functools import cache

from chat.client_ip import limit_key

from .keys import digest_of, key_of_session
from .sockets import SocketLimits

BODY_PER_TOKEN = 16 * 1024  # bytes of a request's body that cost one more token of the kind "page"


class Limits(SocketLimits):
    """The limits of one process. `spend_…` takes tokens or raises Refusal with the time to wait."""

    def spend_post(self, user_id: int, ip: str) -> None:
        """One message, or one change of a message. Raises Refusal: too_fast."""
        self._spend(("post.ip", limit_key(ip)), ("post.person", str(user_id)))

    def spend_page(self, ip: str, session: str = "", body: int = 0) -> None:
        """One HTTP request. `session` is the session cookie, and `body` the size of the body in bytes.

        The session identifies the person without a query. A client that invents sessions is limited by its IP
        address. Raises Refusal: too_many_requests.
        """
        keys = ("page.ip", limit_key(ip)), *key_of_session("page.person", session)
        self._spend(*keys, tokens=1 + body // BODY_PER_TOKEN)

    def spend_switch(self, user_id: int) -> None:
        """One query of the quick switcher. Raises Refusal: too_many_requests."""
        self._spend(("switch.person", str(user_id)))

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

    def spend_direct(self, user_id: int, ip: str) -> None:
        """One new direct conversation. Raises Refusal: too_many_direct."""
        self._spend(("direct.ip", limit_key(ip)), ("direct.person", str(user_id)))

    def spend_card(self, user_id: int, cards: int = 1) -> None:
        """Look-ups whether the user may see a person. Raises Refusal: too_many_requests."""
        self._spend(("card.person", str(user_id)), tokens=cards)

    def spend_report(self, user_id: int, ip: str) -> None:
        """One new report. Raises Refusal: too_many_reports."""
        self._spend(("report.ip", limit_key(ip)), ("report.person", str(user_id)))

    def spend_search(self, user_id: int, ip: str) -> None:
        """One search, or the suggestions for a filter. Raises Refusal: too_many_searches."""
        self._spend(("search.ip", limit_key(ip)), ("search.person", str(user_id)))

    def check_guess(self, ip: str) -> None:
        """Call it before an invite link is looked up. It spends nothing. Raises Refusal: too_many_guesses."""
        with self._lock:
            self._bucket("guess.ip", limit_key(ip)).check(self._kinds["guess.ip"].refusal)

    def spend_guess(self, ip: str) -> None:
        """One wrong token of an invite link. Raises Refusal: too_many_guesses."""
        self._spend(("guess.ip", limit_key(ip)))

    def spend_personal(self, kind: str, user_id: int) -> None:
        """One change of one's own account: rename, picture or download. Raises the refusal of the kind."""
        self._spend((f"{kind}.person", str(user_id)))

    def spend_picture(self, ip: str, session: str = "") -> None:
        """One picture of a person that is shown. Raises Refusal: too_many_requests."""
        self._spend(("shown_picture.ip", limit_key(ip)), *key_of_session("shown_picture.person", session))

    def spend_mail(self, ip: str) -> None:
        """One request for a password mail, whether or not the account exists.

        Raises Refusal: too_many_mails.
        """
        self._spend(("mail.ip", limit_key(ip)))

    def spend_mail_to(self, address: str) -> None:
        """One password mail to this email address, of any account. Raises Refusal: too_many_mails."""
        self._spend(("mail.address", digest_of(address.casefold())))

    def spend_confirmation(self, address: str, ip: str) -> None:
        """One mail that asks to confirm this address. Raises Refusal: too_many_confirmations."""
        self._spend(("confirm.ip", limit_key(ip)), ("confirm.address", digest_of(address.casefold())))


@cache
def limits() -> Limits:
    """The limits of this process."""
    return Limits()
