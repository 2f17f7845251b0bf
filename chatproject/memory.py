"""Garbage collection and malloc, tuned for short pauses and little memory.

`gc.freeze` and a high threshold make opening a connection cheap (docs/decisions.md, "Opening"). With them
alone, garbage in reference cycles piles up: Python runs a full collection only when a quarter of all objects
are new, and a burst of requests left hundreds of megabytes. So a thread runs a collection when the process
has grown.
"""

import ctypes
import gc
import logging
import os
import sys
import threading
import time
from collections.abc import Callable

GC_THRESHOLD = 10_000  # new objects between two collections of the youngest generation
MALLOC_ARENAS = 2  # by default each thread may get its own, whose free memory other threads cannot use
M_ARENA_MAX = -8  # mallopt's parameter in glibc
CHECK_EVERY = 0.2  # seconds
GROWTH = 16 * 1024 * 1024  # bytes of resident memory since the last full collection that cause another, and
GROWTH_SHARE = 0.25  # of the memory at that time, because a collection of a large heap takes longer
CPU_SHARE = 0.02  # of one core for full collections, at most
STATM = "/proc/self/statm"

logger = logging.getLogger("chat.memory")  # shown with OBROLAN_LOG_LEVEL=DEBUG


def tune() -> None:
    """Tune this process. Call it in a web process, after all modules are loaded."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD)
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None
    if hasattr(libc, "mallopt"):  # glibc; musl has neither
        libc.mallopt(M_ARENA_MAX, MALLOC_ARENAS)
    if os.path.exists(STATM):
        trim = getattr(libc, "malloc_trim", lambda _: None)
        threading.Thread(target=_collect_after_growth, args=[trim], name="memory", daemon=True).start()


def _collect_after_growth(trim: Callable[[int], object]) -> None:
    """Run for ever. After growth, collect garbage and return free memory to the operating system."""
    statm = os.open(STATM, os.O_RDONLY)  # opened once: later there may be no free file descriptor
    low, next_at = resident(statm), 0.0
    while True:
        time.sleep(CHECK_EVERY)
        now = resident(statm)
        low = min(low, now)
        if now - low > max(GROWTH, low * GROWTH_SHARE) and time.monotonic() > next_at:
            began = time.thread_time()
            gc.collect()
            trim(0)  # ctypes releases the GIL meanwhile
            spent = time.thread_time() - began
            next_at = time.monotonic() + spent / CPU_SHARE
            low = resident(statm)
            logger.debug("Collected garbage in %d ms: %d MB to %d MB", spent * 1e3, now / 1e6, low / 1e6)


def resident(statm: int) -> int:
    """Bytes of physical memory that this process uses. `statm` is an open /proc/self/statm."""
    return int(os.pread(statm, 100, 0).split()[1]) * os.sysconf("SC_PAGE_SIZE")
