"""The feeds that are open in this process, by room."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from time import monotonic

from chat import events, frames
from chat.models import Room

from .. import database
from ..layer import Layer
from .feed import Feed
from .presence_rows import people_of

KEEP_FEED = 60.0  # seconds without a socket

logger = logging.getLogger(__name__)


class Feeds:
    def __init__(self, layer: Layer) -> None:
        self._layer = layer
        self.by_room: dict[int, Feed] = {}
        self._read_again: set[int] = set()  # rooms that were changed
        self._is_reading_again = False
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

    async def read_rooms(self) -> None:
        """Compare every feed with its room's row, and so heal the loss of any hint."""
        await self._compare(dict(self.by_room))

    async def read_again(self, room_id: int) -> None:
        """Compare one feed soon. Many calls at once are few queries, and the heartbeat repeats them all."""
        self._read_again.add(room_id)
        if self._is_reading_again:
            return
        self._is_reading_again = True
        try:
            while self._read_again:
                due, self._read_again = self._read_again & self.by_room.keys(), set()
                await self._compare({id: self.by_room[id] for id in due})
        except database.FAILED as error:
            logger.warning("A changed room was not read: %s", str(error).strip())
        finally:
            self._is_reading_again = False

    async def _compare(self, feeds: dict[int, Feed]) -> None:
        if not feeds:
            return
        rows = await database.run(database.HEARTBEAT, rows_of, list(feeds))
        for room_id, feed in feeds.items():
            row = rows.get(room_id)
            if row and str(row.epoch) == feed.epoch:
                feed.heard(row.head)
                feed.renew(frames.room_state(row))
            else:  # deleted, or restored from a backup: nothing that this feed knows is true
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


def rows_of(room_ids: list[int]) -> dict[int, Room]:
    return Room.objects.only("slug", "name", "topic", "kind", "head", "epoch").in_bulk(room_ids)
