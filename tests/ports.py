"""Free ports for the servers of tests, in a range that no other test run on this machine uses."""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import os
import socket
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

FIRST, RANGE, RANGES = 11_000, 100, 210  # the kernel assigns ports from 32,768 on


@cache
def reserved() -> Iterator[int]:
    """The ports of the first range that no other process has locked, again and again.

    The lock ends with this process and its forks.
    """
    for number in range(RANGES):
        name = Path(tempfile.gettempdir(), f"obrolan-ports-{os.geteuid()}-{number}.lock")
        lock = os.open(name, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            continue
        first = FIRST + number * RANGE
        return itertools.cycle(range(first, first + RANGE))
    raise RuntimeError(f"all {RANGES} ranges of ports are in use by other test runs")


def free_port() -> int:
    """A port that the kernel does not assign by itself, so no program takes it before the server listens."""
    for port in reserved():
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("unreachable: the ports are endless")
