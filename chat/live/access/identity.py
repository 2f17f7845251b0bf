"""Authentication of a socket: the session cookie identifies the user. It is read again at each `hello`."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import DEFAULT_DB_ALIAS
from django.db.models.functions import Now
from django.http import parse_cookie
from django.utils.crypto import constant_time_compare

from chat import frames, standing
from chat.models import Sanction, User
from chat.models.message_inserts import defaults


@dataclass(slots=True)
class Identity:
    """A user in a session. It is small, since every idle socket keeps one."""

    user: frames.User  # replaced when the display name or picture changes
    session_key: str
    password: int  # a hash of the password hash: a new password ends all sessions
    sanctions: Sequence[Sanction] = ()  # in force when the session was read

    def as_row(self) -> User:
        """The user's row, with only the columns that a message shows of its author. Do not change it."""
        return author_row(self.user)


def author_row(user: frames.User) -> User:
    """`User(…)` computes thirty defaults for each row: it takes 12 µs, this takes 3."""
    row = User.from_db(DEFAULT_DB_ALIAS, *blank_row())
    picture = user.avatar.partition("-")[2] if user.avatar else ""
    row.pk, row.name, row.is_guest, row.picture = user.id, user.name, user.guest, picture
    return row


@cache
def blank_row() -> tuple[list[str], list[Any]]:
    """The names and the default values of a user's columns. Rows share the mutable ones."""
    by_name = defaults(User)
    return list(by_name), [default() for default in by_name.values()]


def session_key(scope: dict[str, Any]) -> str:
    """The value of the session cookie. Empty if there is none, or one that Django never wrote."""
    cookies = dict(scope["headers"]).get(b"cookie", b"").decode("latin-1")
    key = parse_cookie(cookies).get(settings.SESSION_COOKIE_NAME, "")
    return key if key.isascii() and key.isalnum() else ""


def identify(keys: Collection[str]) -> dict[str, Identity]:
    """The active users of these sessions, by session key: `django.contrib.auth.get_user` for many at once.

    Takes two queries, and a third if somebody among them has, or had, a sanction.
    """
    sessions = {
        session.session_key: session.get_decoded()
        for session in Session.objects.filter(pk__in_array=keys, expire_date__gt=Now()).only("session_data")
    }
    ids = [data[SESSION_KEY] for data in sessions.values() if SESSION_KEY in data]
    fields = ("name", "is_guest", "picture", "password", "is_sanctioned", "entry_ip")
    users = User.objects.filter(pk__in_array=ids, is_active=True).only(*fields).in_bulk()
    sanctions = standing.in_force(users.values())
    found = {}
    for key, data in sessions.items():
        user = users.get(int(data.get(SESSION_KEY, 0)))
        if user and is_current(user, data.get(HASH_SESSION_KEY, "")):
            in_force = sanctions.get(user.pk, ())
            found[key] = Identity(frames.user(user), key, hash(user.password), in_force)
    return found


def is_current(user: User, session_hash: str) -> bool:
    """Whether the session belongs to the user's current password. Fallback secret keys are accepted."""
    hashes = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    return any(constant_time_compare(session_hash, each) for each in hashes)
