"""Database queries from the event loop: they run in a few dedicated threads, so no query blocks a socket.

Channels would run all of them in one thread: a query of 4 s then froze an unrelated echo for 3.8 s. The
writer and the heartbeat have one thread each, so 2,000 handshakes at once never delay a commit. Each thread
keeps its connection as long as it works.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import TypeVar

from django.db import connection
from django.db.utils import Error as Error
from django.db.utils import InterfaceError, OperationalError

T = TypeVar("T")

READERS = ThreadPoolExecutor(4, thread_name_prefix="reader")  # handshakes, catch-ups, feeds, the lobby
WRITER = ThreadPoolExecutor(1, thread_name_prefix="writer")  # SQLite has one writer anyway
HEARTBEAT = ThreadPoolExecutor(1, thread_name_prefix="heartbeat")

UNAVAILABLE = (OperationalError, InterfaceError)  # failures of the database itself, not of one statement


async def run(executor: Executor, work: Callable[..., T], *args: object) -> T:
    """Call `work(*args)` in a thread with a database connection. Raises what it raises."""
    return await asyncio.get_running_loop().run_in_executor(executor, _connected, work, args)


def _connected(work: Callable[..., T], args: tuple[object, ...]) -> T:
    """Run `work`, and once more if the kept connection turns out to be lost. So `work` must be repeatable.

    There is no second try if opening a new connection failed: that took seconds already, and other calls wait
    in the queue.
    """
    was_connected = connection.connection is not None
    try:
        return work(*args)
    except UNAVAILABLE:
        connection.close()
        if not was_connected or connection.vendor == "sqlite":  # a file is never lost, only locked
            raise
        return work(*args)
    finally:
        if connection.errors_occurred:
            connection.close()
