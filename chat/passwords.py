"""Password hashing with limits. It is the most expensive operation that an anonymous client can request.

The limits are in the hasher and apply to every view that checks or sets a password, including the admin's:
a rate limit per IP address, HASHES_AT_ONCE in a process, and no database connection during the hash.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.db import connection

from .client_ip import current_ip
from .limits import limits
from .refusals import Refusal

HASHES_AT_ONCE = 2  # in one process; each takes a core for 0.25 s
TIMEOUT = 5.0  # seconds that a view waits to hash; requests wait in the queue of `views.load_shedding` first

_slots = BoundedSemaphore(HASHES_AT_ONCE)


class BoundedHasher(PBKDF2PasswordHasher):
    """Django's PBKDF2 hasher with limits. The hashes are the same."""

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        """Hash a password; `verify` calls it too. Raises Refusal: too_many_attempts, busy."""
        if ip := current_ip():
            limits().spend_hash(ip)
        with _slot():
            return super().encode(password, salt, iterations)


@contextmanager
def _slot() -> Iterator[None]:
    if not connection.in_atomic_block:
        connection.close()  # returns it to PostgreSQL's pool; the next query takes another
    if not _slots.acquire(timeout=TIMEOUT):
        raise Refusal("busy", retry_after_ms=2_000)
    try:
        yield
    finally:
        _slots.release()
