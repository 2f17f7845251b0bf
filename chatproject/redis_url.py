"""REDIS_URL: the connection that follows from it.

redis://:password@host:6379/0                     one server; rediss:// with TLS
redis+sentinel://:password@a:26379,b:26379/name   the primary `name` of these sentinels; rediss+sentinel://

Options of redis-py follow after a question mark, such as `ssl_ca_certs`. `redis_check` lists them.
"""

from __future__ import annotations

import socket
from typing import Any
from urllib.parse import urlsplit

CONNECT_TIMEOUT = 2.0  # seconds
# Less than chat.live.layer waits for all: the next sentinel must have a chance.
SENTINEL_TIMEOUT = 0.3  # seconds
# A host that vanishes sends nothing. Without keepalive a process would wait for its hints for ever.
KEEPALIVE = {
    "TCP_KEEPIDLE": 5,  # seconds
    "TCP_KEEPINTVL": 2,  # seconds
    "TCP_KEEPCNT": 3,
    # Milliseconds, for a connection with unconfirmed data, such as a SUBSCRIBE: Linux sends no probes then.
    "TCP_USER_TIMEOUT": 11_000,
}
TCP = {
    "socket_connect_timeout": CONNECT_TIMEOUT,
    "socket_keepalive": True,
    "socket_keepalive_options": {
        getattr(socket, name): value for name, value in KEEPALIVE.items() if hasattr(socket, name)
    },
}


def host(url: str) -> dict[str, Any]:
    """The entry of a valid URL in channels-redis's `hosts`. Options in the URL count more than those here."""
    # Only processes with Redis load its client.
    from redis.asyncio.connection import Connection, parse_url

    from .redis_connection import noticing

    scheme = urlsplit(url).scheme
    if scheme.endswith("+sentinel"):
        return _sentinel(url)
    options: dict[str, Any] = {**parse_url(url)}
    options["connection_class"] = noticing(options.get("connection_class", Connection))
    return options if scheme == "unix" else TCP | options


def _sentinel(url: str) -> dict[str, Any]:
    """Raises ValueError. All options but `sentinel_password` are for the sentinels and their servers."""
    from redis.asyncio.connection import parse_url
    from redis.asyncio.retry import Retry
    from redis.asyncio.sentinel import SentinelManagedConnection, SentinelManagedSSLConnection
    from redis.backoff import NoBackoff

    from .redis_connection import noticing

    scheme, _, rest = url.partition("+sentinel://")
    parts = urlsplit(f"//{rest}")
    credentials, at, hosts = parts.netloc.rpartition("@")
    each = [dict(parse_url(f"{scheme}://{credentials}{at}{one}?{parts.query}")) for one in hosts.split(",")]
    name = parts.path.strip("/")
    if not name or "/" in name or "," in credentials:
        raise ValueError
    if not all("host" in one and "port" in one for one in each):
        raise ValueError
    own = ("host", "port", "username", "password", "sentinel_password", "connection_class")
    options = TCP | {option: value for option, value in each[0].items() if option not in own}
    has_tls = scheme == "rediss"
    return {
        "master_name": name,
        "sentinels": [(one["host"], one["port"]) for one in each],
        "sentinel_kwargs": {
            **options,
            "ssl": has_tls,
            "password": each[0].get("sentinel_password"),
            "socket_connect_timeout": SENTINEL_TIMEOUT,
            "socket_timeout": SENTINEL_TIMEOUT,
            "retry": Retry(NoBackoff(), 0),
        },
        **options,
        "connection_class": noticing(SentinelManagedSSLConnection if has_tls else SentinelManagedConnection),
        "username": each[0].get("username"),
        "password": each[0].get("password"),
    }
