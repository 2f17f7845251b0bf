"""Presence: the people who are in a room through this process.

A person joins with their first socket in a room, and leaves a few seconds after their last one is closed. A
second tab, a reload or a short disconnection changes nothing. `presence_sync` writes this to the database.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict

from chat import frames

LEAVE_AFTER = 5.0  # seconds without a socket

RoomUser = tuple[int, int]  # room id, user id


class Presences:
    """The people in each room as this process knows them, and the rows that may differ from that."""

    def __init__(self) -> None:
        self._sockets: Counter[RoomUser] = Counter()
        # By room. Includes people who are about to leave, and those whose rows are not written yet.
        self._people: defaultdict[int, dict[int, frames.User]] = defaultdict(dict)
        self._leaving: dict[RoomUser, asyncio.TimerHandle] = {}
        self._changed: set[RoomUser] = set()  # rows to be written or deleted

    def arrive(self, room_id: int, user: frames.User) -> None:
        key = room_id, user.id
        self._sockets[key] += 1
        self._people[room_id][user.id] = user
        if leaving := self._leaving.pop(key, None):
            leaving.cancel()
        elif self._sockets[key] == 1:
            self._changed.add(key)

    def leave(self, room_id: int, user_id: int) -> None:
        key = room_id, user_id
        self._sockets[key] -= 1
        if not self._sockets[key]:
            del self._sockets[key]
            loop = asyncio.get_running_loop()
            self._leaving[key] = loop.call_later(LEAVE_AFTER, self._left, key)

    def _left(self, key: RoomUser) -> None:
        room_id, user_id = key
        del self._leaving[key], self._people[room_id][user_id]
        if not self._people[room_id]:
            del self._people[room_id]
        self._changed.add(key)

    def rename(self, user: frames.User) -> None:
        for people in self._people.values():
            if user.id in people:
                people[user.id] = user

    def people(self, room_id: int) -> dict[int, frames.User]:
        """The people in a room through this process."""
        return self._people.get(room_id, {})

    def here(self) -> set[RoomUser]:
        return {(room, user) for room, people in self._people.items() for user in people}

    def changes(self) -> tuple[set[RoomUser], set[RoomUser]]:
        """The rows to write and the rows to delete since the last call, according to the current state.

        The row of a person who left and returned in between is written, not deleted.
        """
        changed, self._changed = self._changed, set()
        here = {(room, user) for room, user in changed if user in self.people(room)}
        return here, changed - here

    def put_back(self, keys: set[RoomUser]) -> None:
        """Have the next call of `changes` return these rows again, since they were not stored."""
        self._changed |= keys
