"""The feed of the lobby: once a second it takes one snapshot and sends each watcher the changes.

A watcher is a client with a list of rooms on its page: the lobby's, or the one beside a room. It is sent
changes of these rooms and of new ones, so the cost depends on the rooms that pages show, not on all rooms. An
update serves only the watchers whom a change concerns.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Sequence
from contextlib import suppress
from itertools import cycle
from time import perf_counter

from chat import frames

from .. import database
from ..connection import Frame
from .lobby_changes import Changes, events_for
from .lobby_queries import read_snapshot
from .lobby_snapshot import COUNT_TURNS, EMPTY, Snapshot, Watched
from .lobby_watchers import Watcher, Watchers
from .reader import LobbyReader

UPDATE_EVERY = 1.0  # seconds
SWEEP = 30  # updates; in each of them the marks of as large a part of the users are read without a change
SLICE = 0.005  # seconds; the event loop is blocked no longer than this at once

logger = logging.getLogger(__name__)


class LobbyFeed:
    def __init__(self) -> None:
        self._watchers = Watchers()
        self._snapshot = EMPTY
        self._sweep = cycle(range(SWEEP))
        self._turn = cycle(range(COUNT_TURNS))
        self._changed: set[int] = set()  # rooms whose people have to be counted

    def watch(
        self,
        client: LobbyReader,
        user_id: int,
        slugs: Iterable[str],
        newest: int | None,
        *,
        adds_joined: bool = False,
        shown: int | None = None,
    ) -> None:
        """Send this client the changes of these rooms from now on. A second call replaces the first.

        `shown`: id of the newest room when the page was rendered. Later ones of the user are new to the page.
        """
        self._watchers.add(client, user_id, slugs, newest, adds_joined, shown)

    def leave(self, client: LobbyReader) -> None:
        self._watchers.remove(client)

    def count_again(self, room_ids: set[int]) -> None:
        """Have the next update count the people in these rooms, where joins or leaves were stored."""
        self._changed |= room_ids

    async def update(self) -> None:
        """Take a snapshot and send every watcher the changes. Raises what the database raises."""
        if not self._watchers:
            self._snapshot = EMPTY
            self._changed.clear()
            return
        before, unserved = self._snapshot, self._watchers.unserved()
        watched = self._watched([watcher for watcher in unserved if watcher.sent is None])
        now = self._snapshot = await self._read(watched)
        changes = Changes(now.changed_rooms(before), now.changed_users(before), now.new_rooms(before))
        concerned = self._watchers.concerned(
            changes.rooms, changes.users, with_new_rooms=bool(changes.new_rooms)
        )
        packed: dict[tuple[str, ...], list[Frame]] = {}  # shared by watchers with the same events
        started = perf_counter()
        for watcher in unserved | concerned:
            if perf_counter() - started > SLICE:
                await asyncio.sleep(0)
                started = perf_counter()
            if watcher in self._watchers:  # it neither left nor was replaced meanwhile
                self._send(watcher, now, changes, packed)

    async def _read(self, watched: Watched) -> Snapshot:
        changed, self._changed = self._changed, set()
        watched = watched._replace(changed=changed, turn=next(self._turn))
        try:
            return await database.run(database.READERS, read_snapshot, watched, self._snapshot)
        except BaseException:
            self._changed |= changed
            raise

    def _watched(self, new: Sequence[Watcher]) -> Watched:
        users, turn = self._watchers.users(), next(self._sweep)
        due = {user for user in users if user % SWEEP == turn} | {watcher.user_id for watcher in new}
        slugs = frozenset[str]().union(*(watcher.slugs for watcher in new))
        return Watched(self._watchers.rooms(), slugs, users, due)

    def _send(
        self,
        watcher: Watcher,
        now: Snapshot,
        changes: Changes,
        packed: dict[tuple[str, ...], list[Frame]],
    ) -> None:
        """A failure of one client affects no other: its socket is closed, and it reconnects."""
        try:
            watcher.is_behind |= watcher.client.is_congested
            self._watchers.served(watcher, fully=not watcher.client.is_congested)
            if watcher.client.is_congested:
                return
            if events := tuple(events_for(watcher, now, changes)):
                if events not in packed:
                    packed[events] = [Frame(text) for text in frames.pack([*events])]
                for frame in packed[events]:
                    watcher.client.deliver(frame)
        except Exception:
            logger.exception("Changes were not sent to a client; its socket is closed")
            self.leave(watcher.client)
            with suppress(Exception):
                watcher.client.end(frames.CLOSE_RESTART)
