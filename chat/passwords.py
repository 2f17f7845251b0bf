"""Password hashing, the most expensive thing that an anonymous client can ask for, within bounds.

The bounds are in the hasher, so every view that checks or sets a password has them, the admin's included:
a rate limit per IP address, HASHES_AT_ONCE in a process, and no database connection held meanwhile.
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
PATIENCE = 5.0  # seconds that a view waits for its turn; the queue of `views.load_shedding` comes first

_turns = BoundedSemaphore(HASHES_AT_ONCE)


class BoundedHasher(PBKDF2PasswordHasher):
    """Django's own hasher: the hashes are the same, and older ones stay valid."""

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        """Also what `verify` calls. Raises Refusal: too_many_attempts, busy."""
        if ip := current_ip():
            limits().spend_hash(ip)
        with _turn():
            return super().encode(password, salt, iterations)


@contextmanager
def _turn() -> Iterator[None]:
    if not connection.in_atomic_block:
        connection.close()  # gives it back to PostgreSQL's pool; the next query takes another
    if not _turns.acquire(timeout=PATIENCE):
        raise Refusal("busy", retry_after_ms=2_000)
    try:
        yield
    finally:
        _turns.release()
