"""What one screen shows: the client's half of the feed's rule, without a socket and without a clock.

Every change carries the room's number `rev`. One cursor, the last number applied, resumes everything.
"""

from __future__ import annotations

from typing import Any

SHOWN = "shown"  # a change applied in its turn
OLDER = "older"  # a change applied in its turn, to a message before the first one on this screen
TURNED = "turned"  # everything forgotten; the latest page follows, then the changes after the head named here
PAGE = "page"  # a row of the latest page, after a first visit or a reset
REPEAT = "repeat"  # known already
LATE = "late"  # a change that arrived after a later one: a sound server never does that


class Timeline:
    def __init__(self) -> None:
        self.messages: dict[int, dict[str, Any]] = {}
        self.cursor = 0  # the latest change that was applied
        self.since: int | None = None  # the cursor that `hello` says
        self.epoch: str | None = None
        self.floor = 1  # seq of the first message on this screen
        self.is_synced = False  # False during a catch-up; one that is cut off is asked for again, whole
        self.is_paging = False  # True while the rows of the latest page come

    def welcome(self, event: dict[str, Any], since: int | None) -> None:
        self.epoch = event["epoch"]
        self.is_synced = False
        if since is None:
            self.turn_page(event["head"])

    def turn_page(self, head: int) -> None:
        self.messages.clear()
        self.cursor = head
        self.floor = head + 1
        self.since = None
        self.is_synced, self.is_paging = False, True

    def synced(self, head: int) -> None:
        """The end of a catch-up."""
        self.since, self.cursor = head, max(self.cursor, head)
        self.is_synced, self.is_paging = True, False

    def apply(self, event: dict[str, Any]) -> str:
        seq, rev = event["seq"], event["rev"]
        if rev > self.cursor:
            self.cursor, self.is_paging = rev, False
            if self.is_synced:
                self.since = rev
            if seq < self.floor:
                return OLDER
            self.messages[seq] = event
            return SHOWN
        known = self.messages.get(seq)
        if known is not None and known["rev"] >= rev:
            return REPEAT
        if not self.is_paging:
            if seq < self.floor:
                return REPEAT
            self.messages[seq] = event
            return LATE
        self.floor = min(self.floor, seq)
        self.messages[seq] = event
        return PAGE

    def listed(self) -> list[tuple[int, int, str, bool, dict[str, list[int]]]]:
        """The screen from top to bottom, in the form in which the database is read."""
        return [
            (seq, m["rev"], m["text"], m["deleted"], m["reactions"])
            for seq, m in sorted(self.messages.items())
        ]
