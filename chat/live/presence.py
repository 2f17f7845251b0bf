"""Who is here, by way of rows that each process keeps fresh (`chat.models.presence`).

A person arrives with the first of their sockets in a room and departs some seconds after the last, so that
a second tab, a reload or a short drop announces nobody.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Collection
from uuid import UUID

from django.db.models.functions import Now

from chat import frames
from chat.models import Presence

DEPART_AFTER = 5.0  # seconds without a socket
REFRESH_EVERY = 20.0  # seconds; a third of chat.models.presence.PRESENCE_TTL

Place = tuple[int, int]  # room id, user id


class Presences:
    """The people who are here by way of this process."""

    def __init__(self, process: UUID) -> None:
        self._process = process
        self._sockets: Counter[Place] = Counter()
        self._people: defaultdict[int, dict[int, frames.User]] = defaultdict(dict)  # of each room, with those
        # whose rows are not written yet and those who are departing
        self._departing: dict[Place, asyncio.TimerHandle] = {}
        self._arrived: set[Place] = set()
        self._departed: set[Place] = set()

    def arrive(self, room_id: int, user: frames.User) -> None:
        place = room_id, user.id
        self._sockets[place] += 1
        self._people[room_id][user.id] = user
        if departing := self._departing.pop(place, None):
            departing.cancel()
        elif self._sockets[place] == 1:
            self._arrived.add(place)

    def leave(self, room_id: int, user_id: int) -> None:
        place = room_id, user_id
        self._sockets[place] -= 1
        if not self._sockets[place]:
            del self._sockets[place]
            loop = asyncio.get_running_loop()
            self._departing[place] = loop.call_later(DEPART_AFTER, self._depart, place)

    def _depart(self, place: Place) -> None:
        room_id, user_id = place
        del self._departing[place], self._people[room_id][user_id]
        if not self._people[room_id]:
            del self._people[room_id]
        self._arrived.discard(place)
        self._departed.add(place)

    def here(self) -> set[Place]:
        return {(room, user) for room, people in self._people.items() for user in people}

    def rename(self, user: frames.User) -> None:
        for people in self._people.values():
            if user.id in people:
                people[user.id] = user

    def people(self, room_id: int) -> dict[int, frames.User]:
        """Who is in a room by way of this process."""
        return self._people.get(room_id, {})

    def moves(self) -> tuple[set[Place], set[Place]]:
        """Who arrived and who departed since the last call."""
        moves = self._arrived, self._departed
        self._arrived, self._departed = set(), set()
        return moves

    def put_back(self, arrived: set[Place], departed: set[Place]) -> None:
        """These moves could not be stored: they are tried again."""
        self._arrived |= arrived & self.here()
        self._departed |= departed - self.here()

    def refresh(self) -> None:
        """Keep the rows of this process fresh, in one statement. In a thread."""
        rows = Presence.objects.filter(process=self._process).update(seen_at=Now())
        here = self.here()
        if rows < len(here):  # some were deleted from outside
            self.store(here, ())

    def store(self, here: Collection[Place], departed: Collection[Place]) -> None:
        """Write down who arrived and who departed, in one statement each (a room). In a thread."""
        if here:
            Presence.objects.bulk_create(
                [
                    Presence(process=self._process, room_id=room, user_id=user, seen_at=Now())
                    for room, user in here
                ],
                update_conflicts=True,
                unique_fields=["room", "user", "process"],
                update_fields=["seen_at"],
            )
        users_by_room = defaultdict(list)
        for room, user in departed:
            users_by_room[room].append(user)
        for room, users in users_by_room.items():
            Presence.objects.filter(process=self._process, room=room, user__in=users).delete()


def people_of(room_ids: Collection[int]) -> dict[int, dict[int, frames.User]]:
    """Who is in these rooms now, whichever process serves them: {room id: {user id: user}}."""
    people: dict[int, dict[int, frames.User]] = {room: {} for room in room_ids}
    fresh = Presence.objects.fresh().filter(room__in=room_ids)
    rows = fresh.order_by("user__name").values_list("room", "user", "user__name", "user__is_guest")
    for room, user, name, is_guest in rows.distinct():
        people[room][user] = frames.User(id=user, name=name, guest=is_guest)
    return people
