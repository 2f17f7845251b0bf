"""Maxima that a server notes and the load generator reads, in a file that both map into their memory.

Neither waits for the other, and noting one costs less than a microsecond.
"""

from __future__ import annotations

import mmap
from pathlib import Path

# The heartbeat: from the moment at which it was due until its end. A pass of the event loop: between two
# waits for events, by the clock, and the CPU time of its thread in the pass with most of it.
HEARTBEAT, PASS, PASS_CPU = NAMES = ("heartbeat", "pass", "pass_cpu")
DOUBLE = 8  # bytes


class Gauges:
    """Seconds by name. The file must exist: see `create`."""

    def __init__(self, path: Path) -> None:
        with path.open("r+b") as file:
            self._values = memoryview(mmap.mmap(file.fileno(), len(NAMES) * DOUBLE)).cast("d")
        self._place = {name: place for place, name in enumerate(NAMES)}

    @staticmethod
    def create(path: Path) -> Path:
        path.write_bytes(bytes(len(NAMES) * DOUBLE))
        return path

    def note(self, name: str, seconds: float) -> None:
        place = self._place[name]
        if seconds > self._values[place]:
            self._values[place] = seconds

    def reset(self) -> None:
        for place in self._place.values():
            self._values[place] = 0.0

    def read(self) -> dict[str, float]:
        """Milliseconds: {"heartbeat_ms": …}."""
        return {f"{name}_ms": self._values[place] * 1000 for name, place in self._place.items()}
