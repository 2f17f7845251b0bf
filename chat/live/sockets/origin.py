"""The check of a socket's `Origin` header: only pages of this server or of CSRF_TRUSTED_ORIGINS may open one.

This is the rule of Django's CSRF check. Channels' `AllowedHostsOriginValidator` ignores scheme and port, and
`*` disables it. Requests without an Origin header are rejected: browsers always send one, and a bot can.
"""

from typing import Any

from channels.security.websocket import WebsocketDenier
from django.conf import settings


class SameOrigin:
    def __init__(self, application: Any) -> None:
        self.application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        allowed = is_allowed(dict(scope["headers"]), scope.get("scheme", "ws"))
        return await (self.application if allowed else WebsocketDenier())(scope, receive, send)


def is_allowed(headers: dict[bytes, bytes], scheme: str) -> bool:
    origin = headers.get(b"origin", b"").decode("latin-1")
    if settings.OBROLAN_PROXY:
        scheme = headers.get(b"x-forwarded-proto", b"http").decode("latin-1")
    page = "https" if scheme in ("https", "wss") else "http"
    same = f"{page}://{headers.get(b'host', b'').decode('latin-1')}"
    return bool(origin) and (origin == same or origin in settings.CSRF_TRUSTED_ORIGINS)
