"""What all sockets of one web process share, and its heartbeat.

The heartbeat is the net under the channel layer: once a second it reads the heads of the rooms that are open
here, who may not stay, and writes down who is here and how far people have read.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from time import monotonic
from typing import Any, ClassVar
from uuid import uuid4

from chat import events, frames
from chat.actions.reading import mark_read
from chat.limits import limits
from chat.models import Room

from . import database
from .feed import Feed
from .handshake import Handshakes
from .layer import Layer
from .lobby_feed import LobbyFeed
from .presence import REFRESH_EVERY, Presences, people_of
from .sockets import Sockets, check
from .writer import Writer

BEAT = 1.0  # seconds
MOVES_EVERY = 0.05  # seconds; who comes within them is written down together
SEE_EVERY = 1.0  # seconds; in a room where people come and go all the time, they are told of together
GOSSIP_EVERY = 0.1  # seconds
PEOPLE_EVERY = 5.0  # seconds
KEEP_FEED = 60.0  # seconds without a socket
COMMITS_WITHIN = 7.0  # seconds for those in flight when the process stops; Docker kills it after 10
BYE = frames.Bye(reason="restart", retry_after_ms=500)  # clients add jitter

logger = logging.getLogger(__name__)


class Process:
    _current: ClassVar[Process | None] = None

    @classmethod
    def current(cls) -> Process:
        """The process's only one, started on first use in its event loop."""
        if cls._current is None or cls._current.loop is not asyncio.get_running_loop():
            cls._current = cls()
            cls._current.start()
        return cls._current

    def __init__(self) -> None:
        self.id = uuid4()
        self.loop = asyncio.get_running_loop()
        self.layer = Layer(self.hear)
        self.handshakes = Handshakes()
        self.writer = Writer()
        self.limits = limits()
        self.sockets = Sockets(self.id.hex)
        self.presence = Presences(self.id)
        self.lobby = LobbyFeed()
        self.feeds: dict[int, Feed] = {}
        self._opening: dict[int, asyncio.Task[Feed]] = {}
        self._people_at = self._refreshed_at = monotonic()
        self._marks: dict[tuple[int, int], int] = {}  # (room id, user id) → seq, to be written down
        self._stale_people: set[int] = set()  # rooms
        self._tasks: set[asyncio.Task[Any]] = set()
        self._well = True
        self._draining: asyncio.Task[None] | None = None

    def start(self) -> None:
        events.publish_through(self.layer.publish)
        for work in (
            self.layer.receive(),
            self.layer.send(),
            self.layer.mend(),
            self.layer.listen(events.PROCESSES),
            self._every(BEAT, self._beat),
            self._every(MOVES_EVERY, self._note_moves),
            self._every(GOSSIP_EVERY, self._gossip),
        ):
            self.spawn(work)

    def spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        """Run something in the background, kept from being collected, its failure logged."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            logger.error("Background work ended: %s", error, exc_info=error)

    # ── rooms ────────────────────────────────────────────────────────────────────────────────────

    async def feed(self, room: Room) -> Feed:
        """The feed of a room, opened by whoever comes first. Raises what the database raises."""
        if feed := self.feeds.get(room.pk):
            feed.idle_since = monotonic()  # a socket is on its way in
            return feed
        opening = self._opening.get(room.pk)
        if opening is None:
            opening = self._opening[room.pk] = asyncio.ensure_future(self._open(room.pk))
            opening.add_done_callback(lambda _: self._opening.pop(room.pk))
        return await asyncio.shield(opening)

    async def _open(self, room_id: int) -> Feed:
        await self.layer.listen(events.room_group(room_id))  # before the database is read
        feed = self.feeds[room_id] = await database.run(database.ARRIVALS, open_feed, room_id)
        return feed

    def mark_read(self, room_id: int, user_id: int, seq: int) -> None:
        place = room_id, user_id
        self._marks[place] = max(seq, self._marks.get(place, 0))

    def hear(self, payload: dict[str, Any]) -> None:
        """What the layer brings."""
        kind = payload["type"]
        if kind == "revoke":
            self.spawn(self._revoke(payload["user"]))
        elif kind == "spent":
            if payload["process"] != self.id.hex:
                self.limits.spent_elsewhere(payload["spent"])
        elif kind == "sockets":
            self.sockets.census.hear(payload)
        elif kind == "people":
            if payload["process"] != self.id.hex:
                self._stale_people.update(payload["rooms"])
        elif (feed := self.feeds.get(payload["room"])) and feed.epoch == payload["epoch"]:
            if kind == "changes":
                feed.hint(payload["first"], payload["events"])
            else:
                feed.announce(payload["event"])

    # ── heartbeat ────────────────────────────────────────────────────────────────────────────────

    async def _every(self, seconds: float, work: Callable[[], Awaitable[None]]) -> None:
        """Run for ever, whatever happens."""
        while True:
            await asyncio.sleep(seconds)
            try:
                await work()
            except database.FAILED as error:
                if self._well:
                    logger.warning("The database is away: %s", str(error).strip())
                self._well = False
            except Exception:
                logger.exception("The heartbeat stumbled")  # and goes on: without it nothing is healed
            else:
                self._well = True

    async def _beat(self) -> None:
        now = monotonic()
        if now - self._people_at > PEOPLE_EVERY:
            self._people_at = now
            self._stale_people.update(self.feeds)
        await self._read_heads()
        await self._revoke()
        await self._write_marks()
        for feed in self.feeds.values():
            feed.tick()
        for feed in [feed for feed in self.feeds.values() if feed.is_idle(KEEP_FEED)]:
            self._drop(feed)
            await self.layer.ignore(events.room_group(feed.room_id))
        self.limits.forget_full()
        await self.lobby.look()

    async def _read_heads(self) -> None:
        if not self.feeds:
            return
        asked = dict(self.feeds)  # others are opened meanwhile
        heads = await database.run(database.HEARTBEAT, heads_of, list(asked))
        for room_id, feed in asked.items():
            head, epoch = heads.get(room_id, (0, ""))
            if epoch == feed.epoch:
                feed.heard(head)
            else:  # removed, or restored from a backup: nothing that this feed knows is true
                self._drop(feed)

    def _drop(self, feed: Feed) -> None:
        """Who is in it, or on the way in, comes back to another one."""
        self.feeds.pop(feed.room_id, None)
        feed.dropped = True
        for socket in feed:
            socket.end(frames.CLOSE_RESTART)

    async def _revoke(self, user_id: int | None = None) -> None:
        if passes := self.sockets.passes(user_id):
            found = await database.run(database.HEARTBEAT, check, passes)
            self.sockets.revoke(found.refused)
            for user in found.renamed.values():
                self.sockets.rename(user)
                self.presence.rename(user)
                self._stale_people.update(self.feeds)

    async def _write_marks(self) -> None:
        marks, self._marks = self._marks, {}
        if marks:
            await database.run(database.HEARTBEAT, mark_read, marks)

    async def _note_moves(self) -> None:
        arrived, departed = self.presence.moves()
        try:
            if arrived or departed:
                await database.run(database.HEARTBEAT, self.presence.store, arrived, departed)
            if monotonic() - self._refreshed_at > REFRESH_EVERY:
                await database.run(database.HEARTBEAT, self.presence.refresh)
                self._refreshed_at = monotonic()
        except database.FAILED:
            self.presence.put_back(arrived, departed)
            raise
        if moved := {room_id for room_id, _ in arrived | departed}:
            self._stale_people |= moved
            hint = {"type": "people", "process": self.id.hex, "rooms": list(moved)}
            self.layer.publish(events.PROCESSES, hint)
        await self._see_people()

    async def _see_people(self) -> None:
        """Tell who came and went: in a quiet room at once, in any other once a second."""
        self._stale_people &= self.feeds.keys()
        long_ago = monotonic() - SEE_EVERY
        due = {room_id for room_id in self._stale_people if self.feeds[room_id].seen_at < long_ago}
        if due:
            self._stale_people -= due
            people = await database.run(database.HEARTBEAT, people_of, due)
            for room_id in due & self.feeds.keys():
                self.feeds[room_id].see(people[room_id] | self.presence.people(room_id))

    async def _gossip(self) -> None:
        if spent := self.limits.spent_here():
            self.layer.publish(
                events.PROCESSES, {"type": "spent", "process": self.id.hex, "spent": dict(spent)}
            )
        if news := self.sockets.census.news():
            self.layer.publish(events.PROCESSES, news)

    # ── the end ──────────────────────────────────────────────────────────────────────────────────

    @property
    def is_draining(self) -> bool:
        return self._draining is not None

    def drain(self) -> asyncio.Task[None]:
        """Say goodbye, finish the commits in flight, close the sockets; once, however often it is asked for.

        Clients come back to another process. The rows of who is here stay: whoever is back before they are
        stale was never gone.
        """
        if self._draining is None:
            self._draining = asyncio.ensure_future(self._drain())
        return self._draining

    async def _drain(self) -> None:
        for socket in self.sockets:
            socket.tell(BYE)
        self.layer.publish(events.PROCESSES, self.sockets.census.farewell())
        try:
            async with asyncio.timeout(COMMITS_WITHIN):
                await self.writer.finish()
        except TimeoutError:
            logger.warning("Not everything was committed within %d seconds.", COMMITS_WITHIN)
        await asyncio.sleep(0)  # the last acknowledgements leave
        for socket in self.sockets:
            socket.end(frames.CLOSE_RESTART)
        await self.layer.finish()
        for task in self._tasks:
            task.cancel()
        events.stop_publishing()


def open_feed(room_id: int) -> Feed:
    feed = Feed(Room.objects.get(pk=room_id))
    feed.people = people_of([room_id])[room_id]
    return feed


def heads_of(room_ids: list[int]) -> dict[int, tuple[int, str]]:
    rows = Room.objects.filter(pk__in=room_ids).values_list("pk", "head", "epoch")
    return {room: (head, str(epoch)) for room, head, epoch in rows}
