"""Keys that are generated on the first start and stored in a file."""

import os
import secrets
import tempfile
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # a private key is below


def new_vapid_key() -> str:
    """A private key of P-256, a random number below the order, in URL-safe base64."""
    number = 1 + secrets.randbelow(P256_ORDER - 1)
    return urlsafe_b64encode(number.to_bytes(32)).decode().rstrip("=")


def is_vapid_key(text: str) -> bool:
    try:
        return 0 < int.from_bytes(urlsafe_b64decode(text + "=" * (-len(text) % 4))) < P256_ORDER
    except ValueError:
        return False


def stored(path: Path, make: Callable[[], str]) -> str:
    """Read the key, and generate it if there is none. The file is written under another name and then linked,
    so two processes that start at the same time read the same key.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent) as new:  # mode 0600
            new.write(make())
            new.flush()
            with suppress(FileExistsError):
                os.link(new.name, path)
    return path.read_text()
