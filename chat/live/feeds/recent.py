"""A room's changes, encoded: read from the database, and the latest of them remembered, so a client that
reconnects soon is caught up without a query.
"""

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from chat import frames
from chat.models import Message

READ_AT_ONCE = 500  # changes
REMEMBERED = 128 * 1024  # characters


class Change(NamedTuple):
    rev: int
    text: str  # the encoded event


def changed_since(room_id: int, cursor: int) -> list[Change]:
    """The next changes of a room after `cursor`, at most READ_AT_ONCE. Superseded ones are left out."""
    found = Message.objects.filter(room=room_id).changed_since(cursor)[:READ_AT_ONCE]
    return [Change(message.rev, frames.encode(frames.message(message))) for message in found]


class Recent:
    """All changes in (`floor`, `last`]."""

    def __init__(self, head: int) -> None:
        self.floor = self.last = head
        self._changes: deque[Change] = deque()
        self._size = 0

    def add(self, changes: Sequence[Change], last: int) -> None:
        """Add the changes in (self.last, last], in order. Beyond REMEMBERED the oldest are dropped."""
        self.last = last
        self._changes.extend(changes)
        self._size += sum(len(change.text) for change in changes)
        while self._size > REMEMBERED and len(self._changes) > 1:
            oldest = self._changes.popleft()
            self._size -= len(oldest.text)
            self.floor = oldest.rev

    def since(self, cursor: int) -> list[str] | None:
        """The encoded changes in (cursor, last], or None if some of them are not here."""
        if not self.floor <= cursor <= self.last:
            return None
        return [change.text for change in self._changes if change.rev > cursor]
