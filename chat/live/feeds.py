"""The feeds that are open in this process, by room."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from time import monotonic

from chat import events
from chat.models import Room

from . import database
from .feed import Feed
from .layer import Layer
from .presence_rows import people_of

KEEP_FEED = 60.0  # seconds without a socket


class Feeds:
    def __init__(self, layer: Layer) -> None:
        self._layer = layer
        self.by_room: dict[int, Feed] = {}
        self._opening: dict[int, asyncio.Task[Feed]] = {}

    def __iter__(self) -> Iterator[Feed]:
        return iter(list(self.by_room.values()))

    def get(self, room_id: int) -> Feed | None:
        return self.by_room.get(room_id)

    def room_ids(self) -> set[int]:
        return set(self.by_room)

    async def open(self, room: Room) -> Feed:
        """The room's feed; the first caller creates it. Raises what the database raises."""
        if feed := self.by_room.get(room.pk):
            feed.idle_since = monotonic()  # a socket is about to enter
            return feed
        opening = self._opening.get(room.pk)
        if opening is None:
            opening = self._opening[room.pk] = asyncio.ensure_future(self._open(room.pk))
            opening.add_done_callback(lambda _: self._opening.pop(room.pk))
        return await asyncio.shield(opening)

    async def _open(self, room_id: int) -> Feed:
        await self._layer.listen(events.room_group(room_id))  # before the database is read
        feed = self.by_room[room_id] = await database.run(database.ARRIVALS, open_feed, room_id)
        return feed

    async def read_heads(self) -> None:
        """Compare each feed with its room's row, and so heal the loss of any hint."""
        if not self.by_room:
            return
        asked = dict(self.by_room)  # other feeds are opened meanwhile
        heads = await database.run(database.HEARTBEAT, heads_of, list(asked))
        for room_id, feed in asked.items():
            head, epoch = heads.get(room_id, (0, ""))
            if epoch == feed.epoch:
                feed.heard(head)
            else:  # removed, or restored from a backup: nothing that this feed knows is true
                self.drop(feed)

    async def close_idle(self) -> None:
        for feed in self:
            if feed.is_idle(KEEP_FEED):
                self.drop(feed)
                await self._layer.ignore(events.room_group(feed.room_id))

    def drop(self, feed: Feed) -> None:
        """Close the feed's sockets, and those that are about to enter it: they reconnect to a new feed."""
        self.by_room.pop(feed.room_id, None)
        feed.drop()


def open_feed(room_id: int) -> Feed:
    feed = Feed(Room.objects.get(pk=room_id))
    feed.people = people_of([room_id])[room_id]
    return feed


def heads_of(room_ids: list[int]) -> dict[int, tuple[int, str]]:
    rows = Room.objects.filter(pk__in=room_ids).values_list("pk", "head", "epoch")
    return {room: (head, str(epoch)) for room, head, epoch in rows}
