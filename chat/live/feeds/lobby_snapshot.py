"""A snapshot of the rooms that pages list, and of what their users have not read.

Consecutive snapshots share the objects of unchanged rooms, so two of them are compared by identity.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cached_property
from typing import NamedTuple

from .lobby_room import LobbyRoom
from .marks import NONE, Marks

COUNT_TURNS = 5  # snapshots, in which the people of each room are counted once without a change
NEWEST_ROOMS = 50  # rooms that every snapshot includes, to detect new ones


class Watched(NamedTuple):
    """The rooms that a snapshot includes, by id and by slug, and the users whose read marks it has.

    The people of rooms that are new, `changed`, or have their `turn` are counted.
    """

    rooms: Collection[int]
    slugs: Collection[str]
    users: Collection[int]
    due: Collection[int]  # the users whose marks are read in any case
    changed: Collection[int] = ()  # rooms, perhaps others
    turn: int = 0  # rooms whose id divided by COUNT_TURNS leaves this


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
