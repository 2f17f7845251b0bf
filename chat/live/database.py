"""Database work from the event loop: in a few threads of its own, so that no query holds up a socket.

Channels would run all of it in one thread (a 4 s query froze an unrelated echo for 3.8 s). The writer and
the heartbeat have a thread each, so that two thousand arrivals at once never delay a commit. Each thread
keeps its connection as long as it is well.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import TypeVar

from django.db import connection
from django.db.utils import Error, InterfaceError, OperationalError

T = TypeVar("T")

ARRIVALS = ThreadPoolExecutor(4, thread_name_prefix="arrivals")
WRITER = ThreadPoolExecutor(1, thread_name_prefix="writer")  # SQLite has one writer anyway
HEARTBEAT = ThreadPoolExecutor(1, thread_name_prefix="heartbeat")

FAILED = Error
AWAY = (OperationalError, InterfaceError)  # the database itself, not what was asked of it


async def run(executor: Executor, work: Callable[..., T], *args: object) -> T:
    """`work(*args)` in a thread with a connection. Raises what it raises."""
    return await asyncio.get_running_loop().run_in_executor(executor, _connected, work, args)


def _connected(work: Callable[..., T], args: tuple[object, ...]) -> T:
    """With a fresh connection if the kept one died meanwhile: everything done here may be done twice.

    Not if there was none to be had: that was waited for, and whoever is next in the queue waits too.
    """
    kept = connection.connection is not None
    try:
        return work(*args)
    except AWAY:
        connection.close()
        if not kept or connection.vendor == "sqlite":  # a file does not go away; it was locked
            raise
        return work(*args)
    finally:
        if connection.errors_occurred:
            connection.close()
