"""Garbage collection and the heap, set up for a server that must not pause and must not grow.

`gc.freeze` and a high threshold make opening a connection cheap (docs/decisions.md, "Opening"). Alone they
let garbage in reference cycles pile up: Python's own full collection waits until a quarter of all objects is
new, so a burst of requests left hundreds of megabytes. A thread collects when the process has grown.
"""

import ctypes
import gc
import logging
import os
import sys
import threading
import time
from collections.abc import Callable

YOUNG = 10_000  # new objects between two collections of the youngest generation
ARENAS = 2  # heaps of malloc; by default each thread may get its own, and keeps what was free in it
M_ARENA_MAX = -8  # glibc's number for mallopt
LOOK_EVERY = 0.2  # seconds
GROWN_BY = 16 * 1024 * 1024  # bytes of resident memory since the last full collection, and
GROWN_SHARE = 0.25  # of what was resident then, since a collection takes longer the more there is
SHARE = 0.02  # of one core, at most, for full collections
STATM = "/proc/self/statm"

logger = logging.getLogger("chat.memory")  # shown with OBROLAN_LOG_LEVEL=DEBUG


def tame() -> None:
    """Call it once everything is loaded, in the process that serves."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG)
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None
    if hasattr(libc, "mallopt"):  # glibc; musl has neither
        libc.mallopt(M_ARENA_MAX, ARENAS)
    if os.path.exists(STATM):
        trim = getattr(libc, "malloc_trim", lambda _: None)
        threading.Thread(target=_keep_down, args=[trim], name="memory", daemon=True).start()


def _keep_down(trim: Callable[[int], object]) -> None:
    """Run for ever: after growth, collect, and give the heap's free pages back to the system."""
    statm = os.open(STATM, os.O_RDONLY)  # once: later the process may be out of file descriptors
    low, next_at = resident(statm), 0.0
    while True:
        time.sleep(LOOK_EVERY)
        now = resident(statm)
        low = min(low, now)
        if now - low > max(GROWN_BY, low * GROWN_SHARE) and time.monotonic() > next_at:
            began = time.thread_time()
            gc.collect()
            trim(0)  # ctypes releases the GIL meanwhile
            spent = time.thread_time() - began
            next_at = time.monotonic() + spent / SHARE
            low = resident(statm)
            logger.debug("Collected garbage in %d ms: %d MB to %d MB", spent * 1e3, now / 1e6, low / 1e6)


def resident(statm: int) -> int:
    """Bytes of physical memory that this process uses. `statm` is an open /proc/self/statm."""
    return int(os.pread(statm, 100, 0).split()[1]) * os.sysconf("SC_PAGE_SIZE")
