"""Writes the presence rows of this process, and announces joins and leaves that the rows show."""

from time import monotonic
from uuid import UUID

from chat import events

from . import database
from .feeds import Feeds
from .layer import Layer
from .presence import REFRESH_EVERY, Presences, people_of

ANNOUNCE_EVERY = 1.0  # seconds; joins and leaves of a busy room are announced together
RELOAD_EVERY = 5.0  # seconds; other processes' rows are read again even without a hint


class PresenceSync:
    def __init__(self, process: UUID, presence: Presences, feeds: Feeds, layer: Layer) -> None:
        self._process = process
        self._presence = presence
        self._feeds = feeds
        self._layer = layer
        self._stale: set[int] = set()  # rooms whose people have to be read again
        self._reloaded_at = self._refreshed_at = monotonic()

    def mark_stale(self, room_ids: set[int]) -> None:
        self._stale |= room_ids

    def mark_all_stale(self) -> None:
        self._stale |= self._feeds.room_ids()

    def reload_now_and_then(self) -> None:
        now = monotonic()
        if now - self._reloaded_at > RELOAD_EVERY:
            self._reloaded_at = now
            self.mark_all_stale()

    async def sync(self) -> None:
        arrived, departed = self._presence.moves()
        try:
            if arrived or departed:
                await database.run(database.HEARTBEAT, self._presence.store, arrived, departed)
            if monotonic() - self._refreshed_at > REFRESH_EVERY:
                await database.run(database.HEARTBEAT, self._presence.refresh)
                self._refreshed_at = monotonic()
        except database.FAILED:
            self._presence.put_back(arrived, departed)
            raise
        if moved := {room_id for room_id, _ in arrived | departed}:
            self._stale |= moved
            hint = {"type": "people", "process": self._process.hex, "rooms": list(moved)}
            self._layer.publish(events.PROCESSES, hint)
        await self._announce()

    async def _announce(self) -> None:
        """Announce joins and leaves: in a quiet room at once, in a busy one once a second."""
        self._stale &= self._feeds.room_ids()
        long_ago = monotonic() - ANNOUNCE_EVERY
        due = {id for id in self._stale if (feed := self._feeds.get(id)) and feed.seen_at < long_ago}
        if due:
            self._stale -= due
            people = await database.run(database.HEARTBEAT, people_of, due)
            for room_id in due:
                if feed := self._feeds.get(room_id):
                    feed.see(people[room_id] | self._presence.people(room_id))
