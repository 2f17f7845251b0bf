"""A room in a snapshot of the lobby, and its `room` event for each user."""

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


class Latest(NamedTuple):
    """The latest messages of a room, for lists. The numbers are at most UNREAD_COUNTED, oldest first."""

    at: datetime | None  # of the last message
    last: frames.Last | None  # None: deleted
    seqs: list[int]  # of the latest messages
    all_seqs: list[int]  # of the latest messages that mention all
    all_authors: list[int]  # of these


NO_MESSAGES = Latest(None, None, [], [], [])


class Own(NamedTuple):
    """The part of a room's state in which two users may differ."""

    unread: int = 0
    mentions: int = 0
    shows_last: bool = True  # False: the user ignores the author
    member: bool = False
    notify: str = ""
    favourite: bool = False
    position: int = 0
    reader_id: int = 0  # in a direct conversation, whose title differs


class LobbyRoom:
    """A room as the lobby shows it."""

    def __init__(self, row: RoomRow, people: int, latest: Latest, members: Names | None = None) -> None:
        self.row = row
        self.people = people
        self.latest = latest
        self.members = members  # of a direct conversation
        self._events: dict[Own, str] = {}  # encoded

    @property
    def is_private(self) -> bool:
        return self.row.kind != Room.PUBLIC

    def event_for(self, marks: Marks) -> str:
        """The encoded `room` event. It is encoded once for all users with the same state."""
        own = self._own(marks)
        event = self._events.get(own)
        if event is None:
            event = self._events[own] = frames.encode(self._state(own))
        return event

    def moved_event(self, marks: Marks, former: str) -> str:
        """The same for a client that knows the room under its former slug."""
        return frames.encode(replace(self._state(self._own(marks)), former=former or msgspec.UNSET))

    def _own(self, marks: Marks) -> Own:
        """Mentions of all by people whom the user ignores do not count. In a direct conversation all unread
        messages are mentions, unless the user ignores all others.
        """
        last = self.latest.last
        shows_last = last is None or last.author.id not in marks.ignored
        mark = marks.rooms.get(self.row.id)
        if mark is None:
            return Own(shows_last=shows_last)
        of_all = after(self.latest.all_seqs, mark.last_read)
        if of_all and marks.ignored:
            of_all = sum(author not in marks.ignored for author in self.latest.all_authors[-of_all:])
        unread, mentions = after(self.latest.seqs, mark.last_read), mark.mentions + of_all
        if self.members is not None:
            others = self.members.keys() - marks.ignored - {marks.user_id}
            mentions = unread if others else 0
        return Own(
            unread=unread,
            mentions=mentions,
            shows_last=shows_last,
            member=True,
            notify=mark.notify,
            favourite=bool(mark.favourite),
            position=mark.position,
            reader_id=0 if self.members is None else marks.user_id,
        )

    def _state(self, own: Own) -> frames.RoomState:
        state = frames.listed_room(self.row)
        return replace(
            state,
            name=state.name if self.members is None else title_of(self.members, own.reader_id),
            head=self.row.head,
            people=self.people,
            unread=own.unread,
            unread_from=self.latest.seqs[-own.unread] if own.unread else msgspec.UNSET,
            mentions=own.mentions,
            last_at=self.latest.at,
            last=self.latest.last if self.latest.last and own.shows_last else msgspec.UNSET,
            member=own.member,
            notify=own.notify,
            favourite=own.favourite,
            position=own.position,
        )


def after(seqs: list[int], seq: int) -> int:
    return len(seqs) - bisect_right(seqs, seq)
