"""Who is at the other end of a socket: by the session cookie, read again at each `hello`."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest, parse_cookie

from chat.models import User
from chat.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Identity:
    user: User
    session_key: str


def identify(scope: dict[str, Any]) -> Identity:
    """The person of a socket's session. Raises Refusal: sign_in, deactivated."""
    headers = dict(scope["headers"])
    key = parse_cookie(headers.get(b"cookie", b"").decode("latin-1")).get(settings.SESSION_COOKIE_NAME)
    request = HttpRequest()
    request.session = SessionStore(key)
    user = get_user(request)
    if not isinstance(user, User) or not key:
        raise Refusal("sign_in")
    return Identity(user, key)
