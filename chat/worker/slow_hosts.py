"""Hosts that let the worker wait. They are skipped for some minutes, so that nobody else waits for them."""

from __future__ import annotations

import time
from collections import OrderedDict
from threading import Lock

SKIPPED = 300.0  # seconds
MAX_HOSTS = 1_000  # remembered by one process; the oldest goes


class SlowHosts:
    def __init__(self) -> None:
        self._until: OrderedDict[str, float] = OrderedDict()
        self._lock = Lock()  # pushes are sent in threads

    def add(self, host: str) -> None:
        with self._lock:
            self._until[host] = time.monotonic() + SKIPPED
            self._until.move_to_end(host)
            if len(self._until) > MAX_HOSTS:
                self._until.popitem(last=False)

    def __contains__(self, host: str) -> bool:
        with self._lock:
            return self._until.get(host, 0.0) > time.monotonic()

    def clear(self) -> None:
        with self._lock:
            self._until.clear()
