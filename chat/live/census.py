"""How many sockets each person and each address has, over all web processes.

Each process tells the others over the channel layer what changed, ten times a second, and that it lives, once
a second. News is numbered: who missed some, or is new, asks, and everybody tells all. Who is silent is dead,
and its counts with it. Without a layer there are no others, and each process counts for itself.
"""

from collections import Counter
from time import monotonic
from typing import Any

ALIVE_EVERY = 1.0  # seconds
DEAD_AFTER = 3.0  # seconds of silence
ALL_EVERY = 1.0  # seconds between two tellings of all, however many ask

News = dict[str, Any]


class Other:
    """Another process, by its own word."""

    __slots__ = ("counts", "heard_at", "number")

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.number = 0
        self.heard_at = 0.0


class Census:
    def __init__(self, process: str) -> None:
        self._process = process
        self._here: Counter[str] = Counter()
        self._changed: set[str] = set()  # since the others were told
        self._others: dict[str, Other] = {}
        self._number = 0  # of the latest news from here
        self._told_at = self._told_all_at = 0.0
        self._asked = self._missed = True  # the first news is all there is here, and asks who else is there
        self._left = False

    # ── counts ───────────────────────────────────────────────────────────────────────────────────

    def add(self, key: str) -> None:
        self._here[key] += 1
        self._changed.add(key)

    def remove(self, key: str) -> None:
        self._here[key] -= 1
        self._changed.add(key)
        if not self._here[key]:
            del self._here[key]

    def here(self, key: str) -> int:
        """In this process."""
        return self._here[key]

    def everywhere(self, key: str) -> int:
        """In all processes; what the others opened within the last tenth of a second is not in it yet."""
        return self._here[key] + sum(other.counts.get(key, 0) for other in self._others.values())

    def all_heard_since(self, moment: float) -> bool:
        """Whether every other process that is counted was alive after this moment of `monotonic()`."""
        return all(other.heard_at > moment for other in self._others.values())

    # ── news ─────────────────────────────────────────────────────────────────────────────────────

    def news(self) -> News | None:
        """What to tell the others now, if anything. To be asked ten times a second."""
        now = monotonic()
        for process, other in list(self._others.items()):
            if now - other.heard_at > DEAD_AFTER:
                del self._others[process]
        if self._left:
            return None
        if self._asked and now - self._told_all_at >= ALL_EVERY:
            self._asked, self._told_all_at = False, now
            return self._tell(dict(self._here), all=True)
        if self._changed or self._missed or now - self._told_at >= ALIVE_EVERY:
            return self._tell({key: self._here[key] for key in self._changed})
        return None

    def farewell(self) -> News:
        """The last news: who is here is about to come to another process, and must not be counted twice."""
        self._left = True
        return self._tell({}, all=True)

    def hear(self, news: News) -> None:
        """What another process, or this one, told."""
        if news["process"] == self._process:
            return
        other = self._others.setdefault(news["process"], Other())
        if news["number"] <= other.number:  # late, or twice
            return
        if news["all"]:
            other.counts.clear()
        elif news["number"] > other.number + 1:
            self._missed = True
        for key, count in news["counts"].items():
            if count:
                other.counts[key] = count
            else:
                other.counts.pop(key, None)
        other.number, other.heard_at = news["number"], monotonic()
        self._asked |= news["ask"]

    def _tell(self, counts: dict[str, int], *, all: bool = False) -> News:
        self._changed.clear()
        self._number += 1
        self._told_at = monotonic()
        ask, self._missed = self._missed, False
        return {
            "type": "sockets",
            "process": self._process,
            "number": self._number,
            "all": all,
            "ask": ask,
            "counts": counts,
        }
