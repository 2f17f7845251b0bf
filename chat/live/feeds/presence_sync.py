"""Presence synchronisation: it writes the rows of this process, and announces the joins and leaves of all."""

from collections.abc import Callable
from time import monotonic
from uuid import UUID

from chat import events

from .. import database
from ..layer import Layer
from .feeds import Feeds
from .people import with_local
from .presence import Presences
from .presence_rows import read_people, refresh, store

SYNC_EVERY = 0.05  # seconds; joins and leaves within them are written together
REFRESH_EVERY = 20.0  # seconds; a third of chat.models.presence.PRESENCE_TTL
ANNOUNCE_EVERY = 1.0  # seconds; joins and leaves of a busy room are announced together
RELOAD_EVERY = 5.0  # seconds; rows of other processes are read again even without a hint
REREAD_IN = 12  # reloads. Within so many, the people of each room are read once without a change: new names


class PresenceSync:
    def __init__(
        self,
        process: UUID,
        presence: Presences,
        feeds: Feeds,
        layer: Layer,
        on_change: Callable[[set[int]], None] = lambda room_ids: None,
    ) -> None:
        self._process = process
        self._presence = presence
        self._feeds = feeds
        self._layer = layer
        self._on_change = on_change  # called with the ids of rooms whose people changed in any process
        self._stale: set[int] = set()  # ids of rooms whose people have to be read again
        self._reloaded_at = self._refreshed_at = monotonic()
        self._part = 0

    def mark_stale(self, room_ids: set[int]) -> None:
        """The presence rows of these rooms have changed."""
        self._stale |= room_ids
        self._on_change(room_ids)

    def mark_all_stale(self) -> None:
        self._stale |= self._feeds.room_ids()

    def reload_if_due(self) -> None:
        now = monotonic()
        if now - self._reloaded_at > RELOAD_EVERY:
            self._reloaded_at = now
            self.mark_all_stale()
            self._part = (self._part + 1) % REREAD_IN
            for feed in self._feeds:
                if feed.room_id % REREAD_IN == self._part:
                    feed.presence_seen = None

    async def sync(self) -> None:
        """Must not run twice at the same time, so a later state is written after an earlier one."""
        here, gone = self._presence.changes()
        if here or gone:
            try:
                await database.run(database.HEARTBEAT, store, self._process, here, gone)
            except BaseException:
                self._presence.put_back(here | gone)
                raise
            changed = {room_id for room_id, _ in here | gone}
            self.mark_stale(changed)
            for feed in filter(None, map(self._feeds.get, changed)):
                feed.presence_seen = None  # also people were announced whose rows were never written
            self._layer.tell_others(events.PROCESSES, {"type": "people", "rooms": list(changed)})
        if monotonic() - self._refreshed_at > REFRESH_EVERY:
            await database.run(database.HEARTBEAT, refresh, self._process, self._presence.here())
            self._refreshed_at = monotonic()
        await self._announce()

    async def _announce(self) -> None:
        """Announce joins and leaves: in a quiet room at once, in a busy one once a second."""
        self._stale &= self._feeds.room_ids()
        due_before = monotonic() - ANNOUNCE_EVERY
        stale = {id: feed for id in self._stale if (feed := self._feeds.get(id))}
        due = {id: feed.presence_seen for id, feed in stale.items() if feed.people_updated_at < due_before}
        if not due:
            return
        self._stale -= due.keys()
        try:
            changed = await database.run(database.HEARTBEAT, read_people, due)
        except BaseException:
            self._stale |= due.keys()
            raise
        for room_id, (seen, people) in changed.items():
            if (feed := self._feeds.get(room_id)) is stale[room_id]:
                feed.presence_seen = seen
                feed.update_people(with_local(people, self._presence.people(room_id)))
