"""Who knocks: the visitor's address, and how many newcomers one address may bring."""

import time
from collections import OrderedDict
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest

from chat.refusals import Refusal

NEWCOMERS_PER_SECOND = 0.5  # from one address, sustained
ADDRESSES = 10_000  # remembered in one process; the one not seen for longest is forgotten first
NOWHERE = "0.0.0.0"  # noqa: S104

_knocks: OrderedDict[str, tuple[float, float]] = OrderedDict()  # address → (newcomers left, when)


def address(request: HttpRequest) -> str:
    """The visitor's own. Behind our proxy it is what the proxy wrote, never what the visitor claims."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "") if settings.OBROLAN_PROXY else ""
    said = forwarded.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR") or ""
    try:
        return str(ip_address(said.partition("%")[0]))
    except ValueError:  # a local socket, or a header that would not fit PostgreSQL's column for addresses
        return NOWHERE


def admit_newcomer(request: HttpRequest) -> None:
    """One more guest or account from this address: as many at once as it may have sockets.

    Raises Refusal: too_many_newcomers.
    """
    most, now, key = settings.OBROLAN_SOCKETS_PER_ADDRESS, time.monotonic(), address(request)
    left, seen = _knocks.pop(key, (most, now))
    left = min(most, left + (now - seen) * NEWCOMERS_PER_SECOND)
    admitted = left >= 1
    _knocks[key] = (left - 1 if admitted else left, now)
    if len(_knocks) > ADDRESSES:
        _knocks.popitem(last=False)
    if not admitted:
        raise Refusal("too_many_newcomers", retry_after_ms=int((1 - left) / NEWCOMERS_PER_SECOND * 1000))


def forget() -> None:
    """Nobody has come yet; for tests."""
    _knocks.clear()
