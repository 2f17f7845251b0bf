"""Bounds of a search: few at once in a process, and none for long."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore
from time import monotonic

from django.db import OperationalError, connection, transaction

from chat.refusals import Refusal

AT_ONCE = 2  # searches of one process; others wait
PATIENCE = 2.0  # seconds
LONGEST = 2.0  # seconds that the queries of one search may take
STEPS = 20_000  # of SQLite's virtual machine, about a millisecond
RETRY_AFTER = 2_000  # milliseconds
SETTINGS = "SELECT set_config('statement_timeout', %s, true), set_config('jit', 'off', true)"

_slots = BoundedSemaphore(AT_ONCE)


@contextmanager
def bounded() -> Iterator[None]:
    """Raises Refusal: busy, if others search for PATIENCE seconds; search_too_long, after LONGEST seconds."""
    if not _slots.acquire(timeout=PATIENCE):
        raise Refusal("busy", retry_after_ms=RETRY_AFTER)
    try:
        with _on_postgresql() if connection.vendor == "postgresql" else _on_sqlite():
            yield
    except OperationalError as error:
        if any(words in str(error) for words in ("statement timeout", "interrupted")):
            raise Refusal("search_too_long") from None
        raise
    finally:
        _slots.release()


@contextmanager
def _on_postgresql() -> Iterator[None]:
    """Each statement may take that long; a search has at most a dozen, of which two can be slow."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(SETTINGS, [str(round(LONGEST * 1000))])
        yield


@contextmanager
def _on_sqlite() -> Iterator[None]:
    connection.ensure_connection()
    database, ends = connection.connection, monotonic() + LONGEST
    database.set_progress_handler(lambda: monotonic() > ends, STEPS)
    try:
        yield
    finally:
        database.set_progress_handler(None, 0)
