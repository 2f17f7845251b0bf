"""The live lobby: once a second, one snapshot for all watchers of the process, and to each what changed.

A watcher is a client with a list of rooms on its page. It is told of the rooms it lists and of new ones, so
that the work follows from what pages show, not from the number of rooms.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Iterator
from contextlib import suppress
from time import perf_counter
from typing import NamedTuple

from chat import frames

from .. import database
from ..connection import Frame
from .lobby_snapshot import NOTHING, Question, Snapshot, take
from .reader import LobbyReader

LOOK_EVERY = 1.0  # seconds
LISTED = 200  # rooms of a watcher, with the new ones; beyond it new rooms show when the page is loaded again
UNKNOWN = ""  # slug of a room that the next snapshot reads
SLICE = 0.005  # seconds of the event loop at once

logger = logging.getLogger(__name__)


class Watcher:
    """A client, the rooms that its page lists, and what it was told of each."""

    __slots__ = ("client", "is_behind", "listed", "newest", "slugs", "told", "user_id")

    def __init__(self, client: LobbyReader, user_id: int, slugs: Iterable[str], newest: int | None) -> None:
        self.client = client
        self.user_id = user_id
        self.slugs = frozenset(slugs)  # as the page lists them; looked up by the next snapshot
        self.newest = newest  # id of the newest room when the page was made; None: it shows no new rooms
        self.listed: dict[int, str] = {}  # room id → slug
        self.is_behind = False  # it was skipped, since too much was unsent
        self.told: dict[int, str] | None = None  # room id → encoded event; None: not told of anything yet


class Changes(NamedTuple):
    rooms: set[int]
    users: set[int]  # whose memberships or read marks changed
    appeared: set[int]  # new public rooms


class LobbyFeed:
    def __init__(self) -> None:
        self._watchers: dict[LobbyReader, Watcher] = {}
        self._seen = NOTHING

    def watch(self, client: LobbyReader, user_id: int, slugs: Iterable[str], newest: int | None) -> None:
        """Tell this client of these rooms from now on. A second call replaces the first."""
        self._watchers[client] = Watcher(client, user_id, slugs, newest)

    def leave(self, client: LobbyReader) -> None:
        self._watchers.pop(client, None)

    async def look(self) -> None:
        """Take a snapshot and tell every watcher what changed. Raises what the database raises."""
        watchers = list(self._watchers.values())
        if not watchers:
            self._seen = NOTHING
            return
        question = Question(
            rooms=set().union(*(watcher.listed for watcher in watchers)),
            slugs=set().union(*(watcher.slugs for watcher in watchers if watcher.told is None)),
            users={watcher.user_id for watcher in watchers},
        )
        before = self._seen
        now = self._seen = await database.run(database.ARRIVALS, take, question, before)
        changes = Changes(now.changed_rooms(before), now.changed_users(before), now.appeared(before))
        packed: dict[tuple[str, ...], list[Frame]] = {}  # the same for many watchers
        began = perf_counter()
        for watcher in watchers:
            if perf_counter() - began > SLICE:
                await asyncio.sleep(0)
                began = perf_counter()
            if self._watchers.get(watcher.client) is watcher:  # neither gone nor replaced meanwhile
                self._tell(watcher, before, now, changes, packed)

    def _tell(
        self,
        watcher: Watcher,
        before: Snapshot,
        now: Snapshot,
        changes: Changes,
        packed: dict[tuple[str, ...], list[Frame]],
    ) -> None:
        """One client's trouble is its own: its socket is closed, and it reconnects."""
        try:
            if watcher.client.is_congested:
                watcher.is_behind = True
                return
            if events := tuple(news(watcher, before, now, changes)):
                if events not in packed:
                    packed[events] = [Frame(text) for text in frames.pack([*events])]
                for frame in packed[events]:
                    watcher.client.deliver(frame)
        except Exception:
            logger.exception("A client in the lobby was not told what changed; its socket is closed")
            self.leave(watcher.client)
            with suppress(Exception):
                watcher.client.end(frames.CLOSE_RESTART)


def news(watcher: Watcher, before: Snapshot, now: Snapshot, changes: Changes) -> Iterator[str]:
    """The encoded events that bring this watcher up to date."""
    read = now.last_read(watcher.user_id)
    is_first = watcher.told is None
    compare_all = is_first or watcher.is_behind or watcher.user_id in changes.users
    told = watcher.told = {} if watcher.told is None else watcher.told
    if is_first:
        for slug in watcher.slugs:
            if (id := now.ids.get(slug)) is not None and is_visible(now, id, read):
                watcher.listed[id] = slug
            else:
                yield gone(slug)
    if watcher.newest is not None:
        list_new_rooms(watcher, before, now, changes, is_first=is_first or watcher.is_behind)
    watcher.is_behind = False
    listed = watcher.listed
    due = list(listed) if compare_all else listed.keys() & changes.rooms
    for id in due:
        if is_visible(now, id, read):
            line, former = now.lines[id], listed[id]
            event = line.event_for(read.get(id))
            if told.get(id) is not event:
                listed[id], told[id] = line.row.slug, event
                yield event if former == line.row.slug else line.moved(read.get(id), former)
        elif id in now.lines or id in told:  # else it was listed just now, and the next snapshot has it
            slug = listed.pop(id)
            if told.pop(id, None):
                yield gone(slug)


def list_new_rooms(
    watcher: Watcher, before: Snapshot, now: Snapshot, changes: Changes, *, is_first: bool
) -> None:
    """Rooms made since the page was, and private rooms that its reader was let into."""
    assert watcher.newest is not None
    if is_first:
        new = {id for id in now.newest if id > watcher.newest and not now.lines[id].is_private}
    else:
        new = set(changes.appeared)
        if watcher.user_id in changes.users and watcher.user_id in before.marks:
            let_in = now.last_read(watcher.user_id).keys() - before.last_read(watcher.user_id).keys()
            new |= {id for id in let_in if id not in now.lines or now.lines[id].is_private}
    for id in new - watcher.listed.keys():
        if len(watcher.listed) < LISTED:
            watcher.listed[id] = now.lines[id].row.slug if id in now.lines else UNKNOWN


def is_visible(now: Snapshot, room_id: int, read: dict[int, int]) -> bool:
    line = now.lines.get(room_id)
    return line is not None and (not line.is_private or room_id in read)


def gone(slug: str) -> str:
    """The event for a room that was deleted, or that this person may not see any more."""
    return frames.encode(frames.RoomState(slug=slug, name="", topic="", kind="", gone=True))
