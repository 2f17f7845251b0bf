"""From which pages a socket may be opened: exactly those that this server serves, or that settings trust.

Channels' `AllowedHostsOriginValidator` ignores scheme and port, and `*` disables it. Here the rule is the
one of Django's CSRF check. Who sends no Origin is no browser page, and is refused as well: a bot says whose
page it acts for.
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
