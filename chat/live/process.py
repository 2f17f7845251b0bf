"""What all sockets of one web process share: its state, background tasks and channel layer messages."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, ClassVar
from uuid import uuid4

from chat import events
from chat.limits import limits
from chat.models import Room

from .access.handshake import Handshakes
from .access.open_sockets import Sockets
from .background import Background
from .drain import Drain
from .feeds.feed import Feed
from .feeds.feeds import Feeds
from .feeds.lobby_feed import LOOK_EVERY, LobbyFeed
from .feeds.presence import Presences
from .feeds.presence_sync import SYNC_EVERY, PresenceSync
from .heartbeat import BEAT, Heartbeat
from .layer import Layer
from .writing.read_marks import WRITE_EVERY, ReadMarks
from .writing.writer import Writer

GOSSIP_EVERY = 0.1  # seconds


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
        self.background = Background()
        self.layer = Layer(self.hear)
        self.handshakes = Handshakes()
        self.writer = Writer()
        self.limits = limits()
        self.sockets = Sockets()
        self.lobby = LobbyFeed()
        self.feeds = Feeds(self.layer)
        self.presence = Presences()
        self.presence_sync = PresenceSync(self.id, self.presence, self.feeds, self.layer)
        self.marks = ReadMarks()
        self.heartbeat = Heartbeat(
            self.feeds,
            self.sockets,
            self.presence,
            self.presence_sync,
            self.limits,
        )
        self._drain = Drain(self.sockets, self.writer, self.marks, self.layer, self.background)

    def start(self) -> None:
        events.publish_through(self.layer.publish)
        self.spawn(self.layer.receive())
        self.spawn(self.layer.send())
        self.spawn(self.layer.mend())
        self.spawn(self.layer.listen(events.PROCESSES))
        self.background.every(BEAT, self.heartbeat.beat)
        self.background.every(LOOK_EVERY, self.lobby.look)
        self.background.every(WRITE_EVERY, self.marks.write)
        self.background.every(SYNC_EVERY, self.presence_sync.sync)
        self.background.every(GOSSIP_EVERY, self._gossip)

    def spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        self.background.spawn(work)

    # ── what a socket needs ──────────────────────────────────────────────────────────────────────

    async def feed(self, room: Room) -> Feed:
        """Raises what the database raises."""
        return await self.feeds.open(room)

    def mark_read(self, room_id: int, user_id: int, seq: int) -> None:
        self.marks.note(room_id, user_id, seq)

    @property
    def is_draining(self) -> bool:
        return self._drain.has_begun

    def drain(self) -> asyncio.Task[None]:
        return self._drain.begin()

    # ── the channel layer ────────────────────────────────────────────────────────────────────────

    def hear(self, payload: dict[str, Any]) -> None:
        """Route a message of the channel layer."""
        kind = payload["type"]
        if kind == "revoke":
            self.spawn(self.heartbeat.revoke(payload["user"]))
        elif kind == "spent":
            if payload["process"] != self.id.hex:
                self.limits.spent_elsewhere(payload["spent"])
        elif kind == "people":
            if payload["process"] != self.id.hex:
                self.presence_sync.mark_stale(set(payload["rooms"]))
        elif (feed := self.feeds.get(payload["room"])) and feed.epoch == payload["epoch"]:
            if kind == "changes":
                feed.hint(payload["first"], payload["events"])
            elif kind == "room":
                self.spawn(self.feeds.read_again(feed.room_id))
            else:
                feed.announce(payload["event"])

    async def _gossip(self) -> None:
        """Tell the other processes what was spent here of the shared rate limits."""
        if spent := self.limits.spent_here():
            self.layer.publish(
                events.PROCESSES, {"type": "spent", "process": self.id.hex, "spent": dict(spent)}
            )
