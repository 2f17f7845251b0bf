"""The state that all sockets of one web process share, its background tasks, and the routing of hints."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, ClassVar
from uuid import uuid4

from chat import events
from chat.limits import limits
from chat.models import Room

from .access.handshake import Handshakes
from .access.held_messages import HeldMessages
from .access.open_sockets import OpenSockets
from .background import Background
from .chores import chores
from .drain import Drain
from .feeds.feed import Feed
from .feeds.feeds import Feeds
from .feeds.lobby_feed import UPDATE_EVERY, LobbyFeed
from .feeds.names import Names
from .feeds.presence import Presences
from .feeds.presence_sync import SYNC_EVERY, PresenceSync
from .heartbeat import BEAT, Heartbeat
from .layer import Layer
from .writing.read_marks import WRITE_EVERY, ReadMarks
from .writing.writer import Writer

SHARE_LIMITS_EVERY = 0.1  # seconds


class Process:
    _current: ClassVar[Process | None] = None

    @classmethod
    def current(cls) -> Process:
        """The only instance of this process. The first call in an event loop starts it."""
        if cls._current is None or cls._current.loop is not asyncio.get_running_loop():
            cls._current = cls()
            cls._current.start()
        return cls._current

    def __init__(self) -> None:
        self.id = uuid4()
        self.loop = asyncio.get_running_loop()
        self.background = Background()
        self.layer = Layer(self.route_hint)
        self.handshakes = Handshakes()
        self.writer = Writer()
        self.limits = limits()
        self.sockets = OpenSockets()
        self.held = HeldMessages()
        self.lobby = LobbyFeed()
        self.feeds = Feeds(self.layer)
        self.presence = Presences()
        self.presence_sync = PresenceSync(
            self.id, self.presence, self.feeds, self.layer, self.lobby.count_again
        )
        self.names = Names()
        self.read_marks = ReadMarks()
        self.heartbeat = Heartbeat(
            self.feeds,
            self.sockets,
            self.presence,
            self.presence_sync,
            self.names,
            self.limits,
            self.held,
        )
        self._drain = Drain(self.sockets, self.writer, self.read_marks, self.layer, self.background)

    def start(self) -> None:
        events.publish_through(self.layer.publish)
        self.spawn(self.layer.receive())
        self.spawn(self.layer.send())
        self.spawn(self.layer.resubscribe())
        self.spawn(self.layer.subscribe(events.PROCESSES))
        self.background.every(BEAT, self.heartbeat.beat)
        self.background.every(UPDATE_EVERY, self.lobby.update)
        self.background.every(WRITE_EVERY, self.read_marks.write_if_due)
        self.background.every(SYNC_EVERY, self.presence_sync.sync)
        self.background.every(SHARE_LIMITS_EVERY, self._share_limits)
        for seconds, chore in chores(self.sockets):
            self.background.every(seconds, chore)

    def spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        self.background.spawn(work)

    # ── for the sockets ──────────────────────────────────────────────────────────────────────────

    async def feed(self, room: Room) -> Feed:
        """Raises what the database raises."""
        return await self.feeds.open(room)

    def mark_read(self, room_id: int, user_id: int, seq: int) -> None:
        self.read_marks.note(room_id, user_id, seq)

    def mark_unread(self, room_id: int, user_id: int, seq: int) -> None:
        """Another process must not store a mark afterwards that it noted before."""
        if self.read_marks.note_unread(room_id, user_id, seq):
            hint = {"type": "unread", "room": room_id, "user": user_id, "seq": seq}
            self.layer.tell_others(events.PROCESSES, hint)

    @property
    def is_draining(self) -> bool:
        return self._drain.has_begun

    def drain(self) -> asyncio.Task[None]:
        return self._drain.begin()

    # ── the channel layer ────────────────────────────────────────────────────────────────────────

    def route_hint(self, hint: dict[str, Any]) -> None:
        """Pass a hint of this or another process to its receiver."""
        match hint["type"]:
            case "changes":
                for room_id, epoch, first, changes in hint.get("runs", ()):  # none from an older version
                    if feed := self._feed_of(room_id, epoch):
                        feed.hint(first, changes)
            case "announce":
                if feed := self._feed_of(hint["room"], hint["epoch"]):
                    feed.announce(hint["event"])
            case "room":
                if feed := self._feed_of(hint["room"], hint["epoch"]):
                    self.spawn(self.feeds.refresh(feed.room_id))
            case "revoke":
                self.spawn(self.heartbeat.revoke(hint["user"]))
            case "unread":
                self.read_marks.limit(hint["room"], hint["user"], hint["seq"])
            case "spent":
                self.limits.spent_elsewhere(hint["spent"])
            case "people":
                self.presence_sync.mark_stale(set(hint["rooms"]))

    def _feed_of(self, room_id: int, epoch: str) -> Feed | None:
        feed = self.feeds.get(room_id)
        return feed if feed and feed.epoch == epoch else None

    async def _share_limits(self) -> None:
        """Publish the tokens spent here to the other processes."""
        if spent := self.limits.spent_here():
            self.layer.tell_others(events.PROCESSES, {"type": "spent", "spent": dict(spent)})
