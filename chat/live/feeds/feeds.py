"""The open feeds of this process, by room."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from time import monotonic

from chat import events, frames
from chat.models import Room

from .. import database
from ..layer import Layer
from .feed import Feed, access_of
from .presence_rows import read_people

KEEP_FEED = 60.0  # seconds without a socket

logger = logging.getLogger(__name__)


class Feeds:
    def __init__(self, layer: Layer) -> None:
        self._layer = layer
        self.by_room: dict[int, Feed] = {}
        self.decided: set[int] = set()  # ids of rooms with new decisions or another kind
        self._to_refresh: set[int] = set()  # ids of rooms
        self._is_refreshing = False
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
        await self._layer.subscribe(events.room_group(room_id))  # before the database is read
        feed = self.by_room[room_id] = await database.run(database.READERS, open_feed, room_id)
        self.decided.add(room_id)  # a check of its first sockets may have read another kind before
        return feed

    async def refresh_all(self) -> None:
        """Compare every feed with its room's row. This makes up for any lost hint."""
        await self._compare(dict(self.by_room))

    async def refresh(self, room_id: int) -> None:
        """Compare one feed with its room's row soon. Simultaneous calls share their queries.

        After a failure `refresh_all` does it.
        """
        self._to_refresh.add(room_id)
        if self._is_refreshing:
            return
        self._is_refreshing = True
        try:
            while self._to_refresh:
                due, self._to_refresh = self._to_refresh & self.by_room.keys(), set()
                await self._compare({id: self.by_room[id] for id in due})
        except database.Error as error:
            logger.warning("A changed room was not read: %s", str(error).strip())
        finally:
            self._is_refreshing = False

    async def _compare(self, feeds: dict[int, Feed]) -> None:
        if not feeds:
            return
        rows = await database.run(database.HEARTBEAT, rows_of, list(feeds))
        for room_id, feed in feeds.items():
            row = rows.get(room_id)
            if row is None:
                self.by_room.pop(room_id, None)
                feed.vanish()
            elif str(row.epoch) == feed.epoch:
                feed.read_up_to(row.head)
                feed.update_room(frames.room_state(row))
                if feed.access != access_of(row):
                    feed.access = access_of(row)
                    self.decided.add(room_id)
            else:  # restored from a backup, so the feed's changes are no longer valid
                self.drop(feed)

    def take_decided(self) -> set[int]:
        """The rooms with new decisions or another kind since the last call. Put them back after a failure."""
        rooms, self.decided = self.decided, set()
        return rooms

    async def close_idle(self) -> None:
        for feed in self:
            if feed.is_idle(KEEP_FEED):
                self.drop(feed)
                await self._layer.unsubscribe(events.room_group(feed.room_id))

    def drop(self, feed: Feed) -> None:
        """Close the feed and its sockets, also those that are about to enter it."""
        self.by_room.pop(feed.room_id, None)
        feed.drop()


def open_feed(room_id: int) -> Feed:
    feed = Feed(Room.objects.get(pk=room_id))
    feed.presence_seen, feed.people = read_people({room_id: None})[room_id]
    return feed


def rows_of(room_ids: list[int]) -> dict[int, Room]:
    return Room.objects.existing().with_state().in_bulk(room_ids)
