"""A snapshot of the rooms that pages list, and of what their users have not read.

Consecutive snapshots share the objects of unchanged rooms, so two of them are compared by identity.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Mapping
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from chat import frames
from chat.models import Room

from .marks import NONE, Marks

NEWEST_ROOMS = 50  # rooms that every snapshot includes, to detect new ones


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


class LobbyRoom:
    """A room as the lobby shows it. Only unread counts and what notifies differ between two users."""

    def __init__(
        self,
        row: RoomRow,
        people: int,
        last_at: datetime | None,
        seqs: list[int],
        all_seqs: list[int],
        all_authors: list[int],
    ) -> None:
        self.row = row
        self.people = people
        self.last_at = last_at
        self.seqs = seqs  # of the latest messages, at most UNREAD_COUNTED, oldest first
        self.all_seqs = all_seqs  # of the latest messages that mention all, as many, oldest first
        self.all_authors = all_authors  # of these
        self._events: dict[tuple[int, int, str], str] = {}  # encoded, by what differs

    @property
    def is_private(self) -> bool:
        return self.row.kind == Room.PRIVATE

    def event_for(self, marks: Marks) -> str:
        """The encoded `room` event. It is encoded once for all users with the same unread counts."""
        own = self._own(marks)
        event = self._events.get(own)
        if event is None:
            event = self._events[own] = frames.encode(self._state(*own))
        return event

    def moved_event(self, marks: Marks, former: str) -> str:
        """The same for a client that knows the room under its former slug."""
        return frames.encode(replace(self._state(*self._own(marks)), former=former or msgspec.UNSET))

    def _own(self, marks: Marks) -> tuple[int, int, str]:
        """The unread messages and mentions of a member, without `@all` of people whom they ignore, and which
        messages notify them.
        """
        mark = marks.rooms.get(self.row.id)
        if mark is None:
            return 0, 0, ""
        of_all = after(self.all_seqs, mark.last_read)
        if of_all and marks.ignored:
            of_all = sum(author not in marks.ignored for author in self.all_authors[-of_all:])
        return after(self.seqs, mark.last_read), mark.mentions + of_all, mark.notify

    def _state(self, unread: int, mentions: int, notify: str) -> frames.RoomState:
        return replace(
            frames.listed_room(self.row),
            head=self.row.head,
            people=self.people,
            unread=unread,
            unread_from=self.seqs[-unread] if unread else msgspec.UNSET,
            mentions=mentions,
            last_at=self.last_at,
            notify=notify,
        )


def after(seqs: list[int], seq: int) -> int:
    return len(seqs) - bisect_right(seqs, seq)


class Watched(NamedTuple):
    """The rooms that a snapshot includes, by id and by slug, and the users whose read marks it has."""

    rooms: Collection[int]
    slugs: Collection[str]
    users: Collection[int]
    due: Collection[int]  # the users whose marks are read in any case


class Snapshot:
    def __init__(
        self,
        rooms: dict[int, LobbyRoom],
        newest: Collection[int],
        marks: Mapping[int, Marks],
        former: Mapping[str, int],
        read_at: float,
    ) -> None:
        self.rooms = rooms  # by id
        self.newest = newest  # ids of the newest rooms
        self.marks = marks  # by user id
        self.former = former  # former slug → room id, of the watched slugs that no room has now
        self.read_at = read_at  # monotonic seconds, when reading began

    @cached_property
    def ids(self) -> dict[str, int]:
        return {**self.former} | {room.row.slug: id for id, room in self.rooms.items()}

    def marks_of(self, user_id: int) -> Marks:
        return self.marks.get(user_id, NONE)

    def changed_rooms(self, before: Snapshot) -> set[int]:
        both = self.rooms.keys() | before.rooms.keys()
        return {id for id in both if self.rooms.get(id) is not before.rooms.get(id)}

    def changed_users(self, before: Snapshot) -> set[int]:
        return {user for user, marks in self.marks.items() if before.marks.get(user) is not marks}

    def new_rooms(self, before: Snapshot) -> set[int]:
        """The new public rooms. Ids may appear out of order: a transaction may commit after a later one."""
        if before is EMPTY:
            return set()
        oldest = min(before.newest) if len(before.newest) == NEWEST_ROOMS else 0
        new = set(self.newest) - set(before.newest)
        return {id for id in new if id > oldest and not self.rooms[id].is_private}


EMPTY = Snapshot({}, (), {}, {}, 0.0)
