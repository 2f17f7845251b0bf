"""A room in a snapshot of the lobby, and the event that each reader is sent about it."""

from __future__ import annotations

from bisect import bisect_right
from datetime import datetime
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from chat import frames
from chat.models import Room
from chat.models.titles import Names, title_of

from .marks import Marks


class RoomRow(NamedTuple):
    id: int
    slug: str
    name: str
    topic: str
    kind: str
    mention_all: str
    shows_joins: bool
    archived_at: datetime | None
    head: int


class Unread(NamedTuple):
    """The unread messages and mentions of a member, and in a direct conversation the reader's id."""

    messages: int = 0
    mentions: int = 0
    reader_id: int = 0
    notify: str = ""


class LobbyRoom:
    """A room as the lobby shows it. Only the unread counts differ between two users, and the title of a
    direct conversation.
    """

    def __init__(
        self,
        row: RoomRow,
        people: int,
        last_at: datetime | None,
        seqs: list[int],
        all_seqs: list[int],
        all_authors: list[int],
        members: Names | None = None,
    ) -> None:
        self.row = row
        self.people = people
        self.last_at = last_at
        self.seqs = seqs  # of the latest messages, at most UNREAD_COUNTED, oldest first
        self.all_seqs = all_seqs  # of the latest messages that mention all, as many, oldest first
        self.all_authors = all_authors  # of these
        self.members = members  # of a direct conversation
        self._events: dict[Unread, str] = {}  # encoded

    @property
    def is_private(self) -> bool:
        return self.row.kind != Room.PUBLIC

    def event_for(self, marks: Marks) -> str:
        """The encoded `room` event. It is encoded once for all users with the same unread counts, and in a
        direct conversation for each reader.
        """
        unread = self._unread(marks)
        event = self._events.get(unread)
        if event is None:
            event = self._events[unread] = frames.encode(self._state(unread))
        return event

    def moved_event(self, marks: Marks, former: str) -> str:
        """The same for a client that knows the room under its former slug."""
        return frames.encode(replace(self._state(self._unread(marks)), former=former or msgspec.UNSET))

    def _unread(self, marks: Marks) -> Unread:
        """Without `@all` of people whom the member ignores."""
        mark = marks.rooms.get(self.row.id)
        if mark is None:
            return Unread()
        unread = after(self.seqs, mark.last_read)
        if self.members is not None:
            others = self.members.keys() - marks.ignored - {marks.user_id}
            return Unread(unread, unread if others else 0, marks.user_id, mark.notify)
        of_all = after(self.all_seqs, mark.last_read)
        if of_all and marks.ignored:
            of_all = sum(author not in marks.ignored for author in self.all_authors[-of_all:])
        return Unread(unread, mark.mentions + of_all, notify=mark.notify)

    def _state(self, unread: Unread) -> frames.RoomState:
        state = frames.listed_room(self.row)
        return replace(
            state,
            name=state.name if self.members is None else title_of(self.members, unread.reader_id),
            head=self.row.head,
            people=self.people,
            unread=unread.messages,
            unread_from=self.seqs[-unread.messages] if unread.messages else msgspec.UNSET,
            mentions=unread.mentions,
            last_at=self.last_at,
            notify=unread.notify,
        )


def after(seqs: list[int], seq: int) -> int:
    return len(seqs) - bisect_right(seqs, seq)
