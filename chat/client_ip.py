"""Who knocks: the visitor's address."""

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest

NOWHERE = "192.0.0.8"  # RFC 7600's dummy


def client_ip(request: HttpRequest) -> str:
    """The visitor's own. Behind our proxy it is what the proxy wrote, never what the visitor claims."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "") if settings.OBROLAN_PROXY else ""
    said = forwarded.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR") or ""
    try:
        return str(ip_address(said.partition("%")[0]))
    except ValueError:  # a local socket, or a header that would not fit PostgreSQL's column for addresses
        return NOWHERE
