"""The IP address of a client, and the key by which rate limits and connection caps count it.

Pages and sockets use the same rule. Behind our proxy (`OBROLAN_PROXY`) the address is the last entry of
X-Forwarded-For, which the proxy wrote; every earlier entry is whatever the client sent.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from typing import Any

from django.conf import settings
from django.http import HttpRequest

UNKNOWN = "192.0.0.8"  # RFC 7600's dummy, for a local socket or a malformed header

_current: ContextVar[str | None] = ContextVar("client_ip", default=None)


def client_ip(request: HttpRequest) -> str:
    """The IP address of an HTTP request's client."""
    return _address(request.META.get("REMOTE_ADDR"), request.META.get("HTTP_X_FORWARDED_FOR"))


def scope_ip(scope: dict[str, Any]) -> str:
    """The IP address of an ASGI connection's client, for HTTP and WebSocket alike."""
    forwarded = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
    return _address((scope.get("client") or [None])[0], b",".join(forwarded).decode("latin-1"))


def axes_ip(request: HttpRequest) -> str:
    """The address that django-axes stores: the key, so that a new address in a /64 is no new start."""
    return limit_key(client_ip(request))


@lru_cache(10_000)
def limit_key(ip: str) -> str:
    """The key of an IP address in rate limits and caps: an IPv4 address, or an IPv6 network's first address.

    An IPv6 client has a whole /64, that is 2**64 addresses.
    """
    address = ip_address(ip)
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or IPv6Address(int(address) >> 64 << 64))
    return str(address)


@contextmanager
def serving(ip: str) -> Iterator[None]:
    """Make `ip` known as `current_ip()` to everything that runs for this request, in threads too."""
    token = _current.set(ip)
    try:
        yield
    finally:
        _current.reset(token)


def current_ip() -> str | None:
    """The IP address of the HTTP request that is being served; None in sockets and commands."""
    return _current.get()


def _address(peer: str | None, forwarded: str | None) -> str:
    claimed = (forwarded or "").rpartition(",")[2].strip() if settings.OBROLAN_PROXY else ""
    try:
        address = ip_address((claimed or peer or "").partition("%")[0])
    except ValueError:  # also what would not fit PostgreSQL's column for addresses
        return UNKNOWN
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)
