"""Presence: the people who are in a room by way of this process.

A person joins with their first socket in a room and leaves some seconds after the last one is closed, so a
second tab, a reload or a short disconnect is neither. `presence_sync` writes this to the database.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict

from chat import frames

LEAVE_AFTER = 5.0  # seconds without a socket

Place = tuple[int, int]  # room id, user id


class Presences:
    """Who is here as this process knows it, and which rows may differ from that."""

    def __init__(self) -> None:
        self._sockets: Counter[Place] = Counter()
        self._people: defaultdict[int, dict[int, frames.User]] = defaultdict(dict)  # by room; with those
        # whose rows are not written yet and those who are about to leave
        self._leaving: dict[Place, asyncio.TimerHandle] = {}
        self._changed: set[Place] = set()  # their rows have to be written or deleted

    def arrive(self, room_id: int, user: frames.User) -> None:
        place = room_id, user.id
        self._sockets[place] += 1
        self._people[room_id][user.id] = user
        if leaving := self._leaving.pop(place, None):
            leaving.cancel()
        elif self._sockets[place] == 1:
            self._changed.add(place)

    def leave(self, room_id: int, user_id: int) -> None:
        place = room_id, user_id
        self._sockets[place] -= 1
        if not self._sockets[place]:
            del self._sockets[place]
            loop = asyncio.get_running_loop()
            self._leaving[place] = loop.call_later(LEAVE_AFTER, self._left, place)

    def _left(self, place: Place) -> None:
        room_id, user_id = place
        del self._leaving[place], self._people[room_id][user_id]
        if not self._people[room_id]:
            del self._people[room_id]
        self._changed.add(place)

    def rename(self, user: frames.User) -> None:
        for people in self._people.values():
            if user.id in people:
                people[user.id] = user

    def people(self, room_id: int) -> dict[int, frames.User]:
        """The people in a room by way of this process."""
        return self._people.get(room_id, {})

    def here(self) -> set[Place]:
        return {(room, user) for room, people in self._people.items() for user in people}

    def changes(self) -> tuple[set[Place], set[Place]]:
        """Rows to write and rows to delete since the last call, as things stand now.

        A person who left and returned in between is here, so their row is written and not deleted.
        """
        changed, self._changed = self._changed, set()
        here = {(room, user) for room, user in changed if user in self.people(room)}
        return here, changed - here

    def put_back(self, places: set[Place]) -> None:
        """These rows were not stored: the next `changes` has them again."""
        self._changed |= places
