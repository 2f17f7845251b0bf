"""Browsers that want pushes. A subscription belongs to the session that made it, and ends with it."""

from __future__ import annotations

import ipaddress
from base64 import urlsafe_b64decode
from collections.abc import Collection
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from chat.models import PushSubscription, User
from chat.models.push_subscription import ENDPOINT_LENGTH
from chat.refusals import Refusal

MAX_BROWSERS = 10  # of one person; the oldest goes
MAX_FAILURES = 5  # in a row; then the subscription goes
HTTPS = 443  # the only port
AUTH_LENGTH = 16  # bytes


def subscribe(user: User, session: str, *, endpoint: str, key: str, auth: str) -> None:
    """Store the subscription of a browser; a repetition has no effect.

    Raises Refusal: push_is_off, bad_subscription.
    """
    if not settings.OBROLAN_VAPID_KEY:
        raise Refusal("push_is_off")
    if not (is_public_url(endpoint) and is_point(key) and is_secret(auth)):
        raise Refusal("bad_subscription")
    values = {
        "user": user,
        "session": session,
        "password": user.get_session_auth_hash(),
        "key": key,
        "auth": auth,
    }
    with transaction.atomic():
        User.objects.lock([user.pk], for_deletion=False)
        PushSubscription.objects.update_or_create(endpoint=endpoint, defaults=values)
        kept = user.push_subscriptions.order_by("-pk").values("pk")[:MAX_BROWSERS]
        user.push_subscriptions.exclude(pk__in=list(kept.values_list("pk", flat=True))).delete()


def is_subscribed(user: User, session: str) -> bool:
    """Whether pushes reach the browser of this session. A new login and a new password end that."""
    found = PushSubscription.objects.filter(user=user, session=session, password=user.get_session_auth_hash())
    return bool(session) and found.exists()


def unsubscribe(user: User, endpoint: str) -> None:
    """Raises Refusal: bad_subscription."""
    if not is_text_of_url(endpoint):
        raise Refusal("bad_subscription")
    user.push_subscriptions.filter(endpoint=endpoint).delete()


def session_ended(session: str | None) -> None:
    """The user logged out of this session."""
    if session:
        PushSubscription.objects.filter(session=session).delete()


def gone(ids: Collection[int]) -> None:
    """The push service no longer knows these subscriptions."""
    PushSubscription.objects.filter(pk__in_array=ids).delete()


def failed(ids: Collection[int]) -> None:
    """A push to these failed. After MAX_FAILURES in a row they go: else each is tried again for a day."""
    found = PushSubscription.objects.filter(pk__in_array=ids)
    found.update(failures=F("failures") + 1)
    found.filter(failures__gte=MAX_FAILURES).delete()


def worked(ids: Collection[int]) -> None:
    PushSubscription.objects.filter(pk__in_array=ids, failures__gt=0).update(failures=0)


def failing(users: Collection[int]) -> set[int]:
    """Those of the users with a browser whose last push failed."""
    found = PushSubscription.objects.filter(user__in_array=users, failures__gt=0)
    return set(found.values_list("user", flat=True))


def current(users: Collection[int]) -> dict[int, list[PushSubscription]]:
    """The subscriptions of these users, by user id. Those of sessions that have ended are deleted: the user
    logged out, the session expired, or the password was changed.
    """
    found = PushSubscription.objects.filter(user__in_array=users).select_related("user")
    sessions = Session.objects.filter(pk__in=[one.session for one in found], expire_date__gt=Now())
    open_sessions = set(sessions.values_list("pk", flat=True))
    current: dict[int, list[PushSubscription]] = {}
    ended = []
    for one in found:
        hashes = [one.user.get_session_auth_hash(), *one.user.get_session_auth_fallback_hash()]
        if one.session in open_sessions and one.password in hashes and one.user.is_active:
            current.setdefault(one.user_id, []).append(one)
        else:
            ended.append(one.pk)
    gone(ended)
    return current


def is_public_url(url: str) -> bool:
    """Whether a push may be sent to this URL. The addresses of its host are checked when it is sent."""
    if not is_text_of_url(url):
        return False
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        return False
    if settings.OBROLAN_PUSH_PRIVATE:
        return parts.scheme in ("http", "https") and bool(host)
    is_plain = parts.username is None and parts.password is None and port in (None, HTTPS)
    return parts.scheme == "https" and is_plain and "." in host and not is_address(host)


def is_text_of_url(url: str) -> bool:
    """PostgreSQL stores no NUL character, and does not compare with one."""
    return len(url) <= ENDPOINT_LENGTH and url.isascii() and url.isprintable()


def is_address(host: str) -> bool:
    """No push service is at a bare IP address."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def is_point(key: str) -> bool:
    """Whether this is a public key of P-256."""
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decoded(key))
    except ValueError:
        return False
    return True


def is_secret(auth: str) -> bool:
    try:
        return len(decoded(auth)) == AUTH_LENGTH
    except ValueError:
        return False


def decoded(text: str) -> bytes:
    """Raises ValueError."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4)) if len(text) <= 100 and text.isascii() else b""
