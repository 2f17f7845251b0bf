"""The feed of the lobby: once a second it takes one snapshot and sends each watcher the changes.

A watcher is a client with a list of rooms on its page. It is sent changes of these rooms and of new ones, so
the cost depends on the rooms that pages show, not on all rooms.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from contextlib import suppress
from time import perf_counter

from chat import frames

from .. import database
from ..connection import Frame
from .lobby_changes import Changes, Watcher, events_for
from .lobby_queries import read_snapshot
from .lobby_snapshot import EMPTY, Snapshot, Watched
from .reader import LobbyReader

UPDATE_EVERY = 1.0  # seconds
SLICE = 0.005  # seconds; the event loop is blocked no longer than this at once

logger = logging.getLogger(__name__)


class LobbyFeed:
    def __init__(self) -> None:
        self._watchers: dict[LobbyReader, Watcher] = {}
        self._snapshot = EMPTY

    def watch(self, client: LobbyReader, user_id: int, slugs: Iterable[str], newest: int | None) -> None:
        """Send this client the changes of these rooms from now on. A second call replaces the first."""
        self._watchers[client] = Watcher(client, user_id, slugs, newest)

    def leave(self, client: LobbyReader) -> None:
        self._watchers.pop(client, None)

    async def update(self) -> None:
        """Take a snapshot and send every watcher the changes. Raises what the database raises."""
        watchers = list(self._watchers.values())
        if not watchers:
            self._snapshot = EMPTY
            return
        watched = Watched(
            rooms=set().union(*(watcher.listed for watcher in watchers)),
            slugs=set().union(*(watcher.slugs for watcher in watchers if watcher.sent is None)),
            users={watcher.user_id for watcher in watchers},
        )
        before = self._snapshot
        now = self._snapshot = await database.run(database.READERS, read_snapshot, watched, before)
        changes = Changes(now.changed_rooms(before), now.changed_users(before), now.new_rooms(before))
        packed: dict[tuple[str, ...], list[Frame]] = {}  # shared by watchers with the same events
        started = perf_counter()
        for watcher in watchers:
            if perf_counter() - started > SLICE:
                await asyncio.sleep(0)
                started = perf_counter()
            if self._watchers.get(watcher.client) is watcher:  # it neither left nor was replaced meanwhile
                self._send(watcher, before, now, changes, packed)

    def _send(
        self,
        watcher: Watcher,
        before: Snapshot,
        now: Snapshot,
        changes: Changes,
        packed: dict[tuple[str, ...], list[Frame]],
    ) -> None:
        """A failure of one client affects no other: its socket is closed, and it reconnects."""
        try:
            if watcher.client.is_congested:
                watcher.is_behind = True
                return
            if events := tuple(events_for(watcher, before, now, changes)):
                if events not in packed:
                    packed[events] = [Frame(text) for text in frames.pack([*events])]
                for frame in packed[events]:
                    watcher.client.deliver(frame)
        except Exception:
            logger.exception("Changes were not sent to a client in the lobby; its socket is closed")
            self.leave(watcher.client)
            with suppress(Exception):
                watcher.client.end(frames.CLOSE_RESTART)
