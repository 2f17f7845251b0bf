"""Who knocks: the visitor's address, and how many newcomers one address may bring."""

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest

from chat.limits import Bucket
from chat.refusals import Refusal

NEWCOMERS_PER_SECOND = 0.5  # from one address, sustained
ADDRESSES = 10_000  # remembered in one process, before those that may bring their all again are forgotten
NOWHERE = "192.0.0.8"  # RFC 7600's dummy

_newcomers: dict[str, Bucket] = {}


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
    here, most = address(request), float(settings.OBROLAN_SOCKETS_PER_ADDRESS)
    if here not in _newcomers:
        if len(_newcomers) >= ADDRESSES:
            _forget_full()
        _newcomers[here] = Bucket(NEWCOMERS_PER_SECOND, most)
    try:
        _newcomers[here].take()
    except Refusal as refusal:
        raise Refusal("too_many_newcomers", retry_after_ms=refusal.retry_after_ms) from None


def _forget_full() -> None:
    for known, bucket in list(_newcomers.items()):
        if bucket.refill():
            del _newcomers[known]
