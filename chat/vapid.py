"""The key pair with which this site identifies itself to push services (VAPID, RFC 8292)."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from email.utils import parseaddr
from functools import cache
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings


def public_key() -> str:
    """With which browsers subscribe, in URL-safe base64; empty if pushes are off."""
    return _public_key(settings.OBROLAN_VAPID_KEY) if settings.OBROLAN_VAPID_KEY else ""


@cache
def _public_key(private_key: str) -> str:
    number = int.from_bytes(urlsafe_b64decode(private_key + "=" * (-len(private_key) % 4)))
    point = ec.derive_private_key(number, ec.SECP256R1()).public_key()
    encoded = point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return urlsafe_b64encode(encoded).decode().rstrip("=")


def contact() -> str:
    """How a push service reaches the operator: the site, or the address that mails come from."""
    site = urlsplit(settings.OBROLAN_URL)
    if site.scheme == "https" and site.netloc == site.hostname:  # py-vapid accepts no port
        return settings.OBROLAN_URL
    return f"mailto:{parseaddr(settings.DEFAULT_FROM_EMAIL)[1]}"
