"""The messages that one client displays: the client's half of the resume protocol, without socket and clock.

Every change carries the room's number `rev`. The cursor is the last number applied, and resumes everything.
"""

from __future__ import annotations

from typing import Any

from tests.quotes import update_quotes

from .database import Shown

SHOWN = "shown"  # a change, applied in order
OLDER = "older"  # a change, in order, of a message before the first one displayed here
RESET = "reset"  # everything was discarded; the latest page and the changes after the given head follow
PAGE = "page"  # a message of the latest page, after the first hello or a reset
REPEAT = "repeat"  # a change that was applied before
LATE = "late"  # a change that arrived after a later one: a correct server never does that


class Timeline:
    def __init__(self) -> None:
        self.messages: dict[int, dict[str, Any]] = {}
        self.cursor = 0  # rev of the latest change applied
        self.since: int | None = None  # the cursor that the next `hello` sends
        self.epoch: str | None = None
        self.floor = 1  # seq of the first message displayed
        self.is_synced = False  # False during a catch-up; an interrupted catch-up starts again from `since`
        self.is_paging = False  # True while the messages of the latest page arrive

    def welcome(self, event: dict[str, Any], since: int | None) -> None:
        self.epoch = event["epoch"]
        self.is_synced = False
        if since is None:
            self.reset(event["head"])

    def reset(self, head: int) -> None:
        self.messages.clear()
        self.cursor = head
        self.floor = head + 1
        self.since = None
        self.is_synced, self.is_paging = False, True

    def synced(self, head: int) -> None:
        """The catch-up has ended."""
        self.since, self.cursor = head, max(self.cursor, head)
        self.is_synced, self.is_paging = True, False

    def apply(self, event: dict[str, Any]) -> str:
        """Apply a `message` event. Returns one of the outcomes above."""
        seq, rev = event["seq"], event["rev"]
        if rev > self.cursor:
            self.cursor, self.is_paging = rev, False
            if self.is_synced:
                self.since = rev
            update_quotes(self.messages, event)
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

    def listed(self) -> list[Shown]:
        """The displayed messages in order, in the format of `database.Row.shown`."""
        return [
            (seq, m["rev"], m["text"], m["deleted"], m["reactions"], quote_in(m), m.get("mentions", {}))
            for seq, m in sorted(self.messages.items())
        ]


def quote_in(message: dict[str, Any]) -> list[Any] | None:
    quote = message.get("quote")
    return quote and [quote["seq"], quote["author"]["id"], quote["text"], quote["deleted"]]
