"""Clients, sockets and connections without a network. A test decides when frames are delivered."""

import asyncio
import json
import uuid

from chat import frames
from chat.live.access.identity import Identity
from chat.live.connection import Frame
from chat.live.feeds import feed
from chat.live.feeds.names import Names
from chat.live.sockets import room
from chat.models import Room
from tests.chaos.timeline import RESET, Timeline

CONGESTED = 1  # frame; a connection with more unread frames is congested


class FakeConnection:
    """A connection. It holds each frame until `deliver`. It is congested while it holds too many."""

    on_stalled = None

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.drain: asyncio.Future[None] | None = None

    @property
    def is_congested(self) -> bool:
        return self.drain is not None

    def send_frame(self, frame: Frame) -> None:
        self.texts.append(frame.text)
        if len(self.texts) > CONGESTED and self.drain is None:
            self.drain = asyncio.get_running_loop().create_future()

    def send_frames(self, several: list[Frame]) -> None:
        for frame in several:
            self.send_frame(frame)

    def deliver(self, number: int) -> list[str]:
        delivered, self.texts[:] = self.texts[:number], self.texts[number:]
        return delivered

    def drain_if_empty(self) -> None:
        """Report that the connection is no longer congested. Call it on the event loop."""
        if not self.texts and self.drain:
            self.drain.set_result(None)
            self.drain = None

    def drop(self) -> None:
        if self.drain:
            self.drain.set_result(None)
            self.drain = None

    async def drained(self) -> None:
        while self.drain:
            await self.drain


class FakeSocket(room.RoomSocket):
    """A room socket without authentication and access checks."""

    def __init__(self, home: feed.Feed) -> None:
        super().__init__()
        self.home = home  # the feed of its process
        self.connection = FakeConnection()
        self._events: list[str] = []

    def end(self, code: int) -> None:
        self.flush()
        self.closed = True
        self.connection.drop()
        if self.feed:
            self.feed.leave(self)

    async def join(self, since: int | None, epoch: str | None) -> None:
        me, info = frames.User(1, "Ayu", False), frames.RoomState("kitchen", "Kitchen", "", Room.PUBLIC)
        hello = frames.Hello(since, uuid.UUID(epoch) if epoch else None)
        piece = await self._first_piece(self.home, Identity(me, "", 0), hello, 0)
        if self.closed:
            return
        self.feed, self._people, self._room = self.home, {}, info
        self.feed.join(self)
        self.send_events(frames.Welcome(2, me, info, self.home.epoch, piece.head, []))
        self._send_piece(piece)
        if not self._enter_feed():
            self.process.spawn(self._catch_up())


class FakeClient:
    """A client: its timeline, the changes that it applied, and its socket while it is connected."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.timeline = Timeline()
        self.applied: list[tuple[float, int, int, str]] = []
        self.socket: FakeSocket | None = None
        self.since: int | None = None

    def handle(self, text: str) -> None:
        for event in json.loads(text):
            kind = event["type"]
            if kind == "message":
                outcome = self.timeline.apply(event)
                self.applied.append((0.0, event["seq"], event["rev"], outcome))
            elif kind == "welcome":
                self.timeline.welcome(event, self.since)
                if self.since is None:
                    self.applied.append((0.0, 0, event["head"], RESET))
            elif kind == "reset":
                self.timeline.reset(event["head"])
                self.applied.append((0.0, 0, event["head"], RESET))
            elif kind == "synced":
                self.timeline.synced(event["head"])

    def record(self) -> dict:
        return {
            "applied": self.applied,
            "floor": self.timeline.floor,
            "listed": self.timeline.listed(),
        }


class NoLimits:
    def spend_catch_up(self, user_id: int, ip: str) -> None:
        pass

    def charge_catch_up(self, user_id: int, ip: str, characters: int) -> None:
        pass


class FakeProcess:
    """The part of a process that a socket uses."""

    limits = NoLimits()
    names = Names()

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop

    def spawn(self, work) -> None:
        self.loop.create_task(work)
