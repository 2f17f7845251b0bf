"""The live lobby: while anybody looks at it, each heartbeat takes one glance at all rooms and tells each
watcher what is new to them. No layer, no groups: a second late is soon enough for a list of rooms."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

from django.db.models import Count
from msgspec import UNSET
from msgspec.structs import replace

from chat import frames
from chat.models import Membership, Presence, Room, User

from . import database
from .reader import Watcher

Look = tuple[object, ...]  # all that can change in a room's line of the lobby, comparable


class Glance(NamedTuple):
    """All rooms at one moment, in three queries for any number of watchers."""

    rooms: dict[int, Room]
    people: dict[int, int]  # room id → how many are here
    read: dict[int, dict[int, int]]  # user id → room id → last_read

    def looks_for(self, user_id: int) -> dict[int, Look]:
        read = self.read.get(user_id, {})
        return {
            id: (room.slug, room.name, room.topic, room.kind, room.head, self.people.get(id, 0), read.get(id))
            for id, room in self.rooms.items()
            if not room.is_private or id in read
        }


class LobbyFeed:
    """The watchers of this process, with what each was told of each room."""

    def __init__(self) -> None:
        self._watchers: dict[Watcher, dict[int, Look]] = {}

    def leave(self, socket: Watcher) -> None:
        self._watchers.pop(socket, None)

    async def enter(self, socket: Watcher) -> None:
        self._watchers[socket] = {}
        await self._tell([socket])

    async def look(self) -> None:
        """Tell all watchers what changed since the last look."""
        await self._tell(list(self._watchers))

    async def _tell(self, sockets: Collection[Watcher]) -> None:
        if not sockets:
            return
        glance = await database.run(database.ARRIVALS, take_glance, {socket.user_id for socket in sockets})
        for socket in sockets:
            told, looks = self._watchers.get(socket), glance.looks_for(socket.user_id)
            if told is None or told == looks or socket.is_congested:
                continue
            due = [id for id, look in looks.items() if told.get(id) != look]
            lines = await database.run(database.ARRIVALS, lines_for, socket.user_id, due) if due else []
            gone = [gone_line(look) for id, look in told.items() if id not in looks]
            moved = {looks[id][0]: told[id][0] for id in due if id in told and told[id][0] != looks[id][0]}
            lines = [replace(line, former=moved.get(line.slug, UNSET)) for line in lines]
            self._watchers[socket] = looks
            socket.tell(*lines, *gone)


def take_glance(user_ids: Collection[int]) -> Glance:
    rooms = Room.objects.only("slug", "name", "topic", "kind", "head").in_bulk()
    here = Presence.objects.fresh().values("room").annotate(people=Count("user", distinct=True))
    read: dict[int, dict[int, int]] = {}
    watching = Membership.objects.filter(user__in=user_ids)
    for user, room, seq in watching.values_list("user", "room", "last_read"):
        read.setdefault(user, {})[room] = seq
    return Glance(rooms, dict(here.values_list("room", "people")), read)


def lines_for(user_id: int, room_ids: Iterable[int]) -> list[frames.RoomState]:
    """Rooms as this person sees them in the lobby, unread messages and all."""
    user = User.objects.get(pk=user_id)
    rooms = Room.objects.visible_to(user).filter(pk__in=room_ids).listed_for(user).by_activity()
    return [
        frames.RoomState(
            slug=room.slug,
            name=room.name,
            topic=room.topic,
            kind=room.kind,
            head=room.head,
            people=room.people,
            unread=room.unread,
            last_at=room.last_at,
        )
        for room in rooms
    ]


def gone_line(look: Look) -> frames.RoomState:
    """A room that is no longer there for the watcher."""
    slug, name, topic, kind, *_ = map(str, look)
    return frames.RoomState(slug=slug, name=name, topic=topic, kind=kind, gone=True)
