"""The IP address of a client, and the key by which rate limits and connection caps count it.

Pages and sockets use the same rule. Behind our proxy (`OBROLAN_PROXY`) it is the last entry of
X-Forwarded-For, which the proxy appended. The client can forge all earlier entries.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from typing import Any

from django.conf import settings
from django.http import HttpRequest

UNKNOWN = "192.0.0.8"  # the dummy address of RFC 7600, for a local socket or a malformed header

_current: ContextVar[str | None] = ContextVar("client_ip", default=None)


def client_ip(request: HttpRequest) -> str:
    """The IP address of an HTTP request's client."""
    return _client_ip(request.META.get("REMOTE_ADDR"), request.META.get("HTTP_X_FORWARDED_FOR"))


def scope_ip(scope: dict[str, Any]) -> str:
    """The IP address of an ASGI connection's client, for HTTP and WebSocket alike."""
    forwarded = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
    return _client_ip((scope.get("client") or [None])[0], b",".join(forwarded).decode("latin-1"))


def axes_ip(request: HttpRequest) -> str:
    """The key that django-axes stores. Another address in the same /64 does not reset its count."""
    return limit_key(client_ip(request))


@lru_cache(10_000)
def limit_key(ip: str) -> str:
    """The key of an IP address in rate limits and caps: an IPv4 address, or the first address of an IPv6 /64.

    An IPv6 client usually has a whole /64, that is 2**64 addresses.
    """
    address = ip_address(ip)
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or IPv6Address(int(address) >> 64 << 64))
    return str(address)


@contextmanager
def serving(ip: str) -> Iterator[None]:
    """Set `current_ip()` for everything that runs for this request, in threads too."""
    token = _current.set(ip)
    try:
        yield
    finally:
        _current.reset(token)


def current_ip() -> str | None:
    """The IP address of the current HTTP request; None in sockets and management commands."""
    return _current.get()


def _client_ip(peer: str | None, forwarded: str | None) -> str:
    by_proxy = (forwarded or "").rpartition(",")[2].strip() if settings.OBROLAN_PROXY else ""
    return _normalised((by_proxy or peer or "").partition("%")[0])


@lru_cache(10_000)
def _normalised(ip: str) -> str:
    try:
        address = ip_address(ip)
    except ValueError:  # PostgreSQL's type for IP addresses would reject it too
        return UNKNOWN
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)
