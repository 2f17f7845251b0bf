"""One person at one screen: talks, keeps an outbox, and comes back after everything, as the browser does."""

from __future__ import annotations

import asyncio
import json
import random
import socket
import time
import uuid
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage, InvalidStatus
from websockets.frames import Frame, Opcode

from .timeline import TURNED, Timeline

OPEN_TIMEOUT = 10  # seconds
ANSWER_WITHIN = 10  # seconds: invariant 4
LOOK_EVERY = 1.0  # seconds
PING_EVERY = 25.0  # seconds
BACKOFF = 0.5, 1.5  # seconds: the first try waits up to the one, no try longer than the other
OUTBOX = 60  # commands: nobody types on for ever into a screen that says "offline"
FINAL = {4401, 4403, 4404}  # close codes after which nobody comes back
MOODS = {"post": 70, "edit": 14, "delete": 4, "react": 12}  # what people do, in a hundred
EMOJI = ("👍", "❤️", "🎉")


@dataclass
class Card:
    """Who comes, where to, and how often they say something (commands a second)."""

    name: str
    user: int
    cookie: str
    room: int
    slug: str
    rate: float
    posts_only: bool


@dataclass
class Diary:
    """What one screen did and saw. Times are `time.monotonic()`, which all processes of a machine share."""

    sent: dict[str, dict[str, Any]] = field(
        default_factory=dict
    )  # id → the command, and when it was first sent
    acked: list[tuple[float, str, int, int]] = field(default_factory=list)  # when, id, seq, rev
    applied: list[tuple[float, int, int, str]] = field(default_factory=list)  # when, seq, rev, how; or TURNED
    refused: list[tuple[str, str, str, bool]] = field(default_factory=list)  # kind, id, code, retry
    back: list[float] = field(default_factory=list)  # seconds from a loss to the next welcome
    closes: Counter[str] = field(default_factory=Counter)
    resets: Counter[str] = field(default_factory=Counter)
    wrong: list[tuple[float, str]] = field(default_factory=list)  # when, what breaks an invariant by itself
    outbox: list[str] = field(default_factory=list)
    listed: list[Any] = field(default_factory=list)
    floor: int = 1
    cursor: int = 0


class Person:
    def __init__(self, card: Card, doors: list[int], dice: random.Random) -> None:
        self.card, self.doors, self.dice = card, doors, dice
        self.timeline = Timeline()
        self.outbox: dict[str, dict[str, Any]] = {}
        self.asked: dict[str, float] = {}  # on this connection: id → when
        self.diary = Diary()
        self.socket: ClientConnection | None = None
        self.welcomed = self.flushed = False
        self.said = 0

    # ── staying connected ────────────────────────────────────────────────────────────────────────

    async def stay(self) -> None:
        attempt, lost_at = 0, None
        while True:
            wait = 0.0
            try:
                async with self.open(*await self.knock()) as self.socket:
                    wait = await self.listen(lost_at)
            except InvalidStatus as refusal:
                self.closed(f"http {refusal.response.status_code}")
            except (OSError, InvalidHandshake, InvalidMessage, TimeoutError, EOFError):
                self.closed("refused")
            if self.welcomed:
                attempt, lost_at = 0, time.monotonic()
            self.socket, self.welcomed, self.flushed = None, False, False
            self.asked.clear()
            if self.diary.closes.keys() & {str(code) for code in FINAL}:
                self.wrong("was sent away for good")
                return
            first, longest = BACKOFF
            await asyncio.sleep(wait + self.dice.uniform(0, min(longest, first * 2**attempt)))
            attempt += 1

    async def knock(self) -> tuple[int, socket.socket]:
        """A door that opens. As the proxy does, which tries the next process when one refuses."""
        for door in self.dice.sample(self.doors, len(self.doors)):
            line = socket.socket()
            line.setblocking(False)
            try:
                await asyncio.get_running_loop().sock_connect(line, ("127.0.0.1", door))
            except OSError:
                line.close()
            else:
                return door, line
        raise ConnectionRefusedError

    def open(self, door: int, line: socket.socket) -> connect:
        return connect(
            f"ws://127.0.0.1:{door}/ws/rooms/{self.card.slug}/",
            additional_headers={"Cookie": f"sessionid={self.card.cookie}"},
            origin=f"http://127.0.0.1:{door}",
            sock=line,
            open_timeout=OPEN_TIMEOUT,
            close_timeout=1,
            ping_interval=None,
            compression=None,
            max_size=None,
        )

    def closed(self, how: str) -> None:
        self.diary.closes[how] += 1
        if how in ("1011", "http 500"):
            self.wrong(f"closed with {how}")

    def wrong(self, what: str) -> None:
        self.diary.wrong.append((time.monotonic(), what))

    async def listen(self, lost_at: float | None) -> float:
        """Until the socket closes. Returns how long the server asked to stay away, in seconds."""
        line, wait = self.socket, 0.0
        assert line is not None
        asked_since = self.timeline.since
        keeper = asyncio.create_task(self.keep(line))
        try:
            await self.write({"type": "hello", "since": asked_since, "epoch": self.timeline.epoch})
            async for text in line:
                for event in json.loads(text):
                    kind = event["type"]
                    if kind == "welcome":
                        await self.enter(event, asked_since, lost_at)
                    elif kind == "bye":
                        wait = event["retry_after_ms"] / 1000
                    elif kind == "error" and not self.welcomed and event["retry"]:
                        wait = event.get("retry_after_ms", 0) / 1000
                        self.diary.refused.append(("hello", "", event["code"], True))
                        line.transport.abort()
                    else:
                        await self.receive(event)
        except ConnectionClosed:
            pass
        finally:
            keeper.cancel()
            self.closed(str(line.close_code or 1006))
        return wait

    async def enter(self, event: dict[str, Any], since: int | None, lost_at: float | None) -> None:
        self.welcomed = True
        self.timeline.welcome(event, since)
        if lost_at is not None:
            self.diary.back.append(time.monotonic() - lost_at)
        if since is None:
            self.diary.applied.append((time.monotonic(), 0, event["head"], TURNED))
        while waiting := [command for about, command in self.outbox.items() if about not in self.asked]:
            for command in waiting:
                await self.send(command)
        self.flushed = True  # only now may something new be sent: it must not overtake

    async def receive(self, event: dict[str, Any]) -> None:
        kind, now = event["type"], time.monotonic()
        if kind == "message":
            how = self.timeline.apply(event)
            self.diary.applied.append((now, event["seq"], event["rev"], how))
        elif kind == "ack":
            self.asked.pop(event["id"], None)
            self.outbox.pop(event["id"], None)
            self.diary.acked.append((now, event["id"], event["seq"], event["rev"]))
        elif kind == "error":
            self.refused(event)
        elif kind == "reset":
            self.timeline.turn_page(event["head"])
            self.diary.applied.append((now, 0, event["head"], TURNED))
            self.diary.resets[event["reason"]] += 1
        elif kind == "synced":
            self.timeline.synced(event["head"])

    def refused(self, event: dict[str, Any]) -> None:
        about = event.get("id", "")
        command = self.outbox.get(about, {})
        self.asked.pop(about, None)
        self.diary.refused.append((command.get("type", "?"), about, event["code"], event["retry"]))
        if not event["retry"]:
            self.outbox.pop(about, None)
        elif about in self.outbox:
            wait = event.get("retry_after_ms", 1000) / 1000
            asyncio.get_running_loop().call_later(wait, self.again, about, self.socket)

    def again(self, about: str, socket: ClientConnection | None) -> None:
        if about in self.outbox and about not in self.asked and socket is self.socket and self.welcomed:
            self.task = asyncio.ensure_future(self.send(self.outbox[about]))

    async def keep(self, socket: ClientConnection) -> None:
        """Pings, and gives up on a socket that answers nothing."""
        pinged = time.monotonic()
        while True:
            await asyncio.sleep(LOOK_EVERY)
            now = time.monotonic()
            if now - pinged > PING_EVERY:
                pinged = now
                await self.write({"type": "ping"})
            oldest = min(self.asked.values(), default=now)
            if now - oldest > ANSWER_WITHIN:
                self.wrong(f"no answer for {now - oldest:.1f} s on an open socket")
                socket.transport.abort()

    # ── talking ──────────────────────────────────────────────────────────────────────────────────

    async def talk(self, hushed: asyncio.Event) -> None:
        while not hushed.is_set():
            await asyncio.sleep(self.dice.expovariate(self.card.rate))
            if hushed.is_set() or len(self.outbox) >= OUTBOX or not self.timeline.epoch:
                continue
            command = self.think()
            self.outbox[command["id"]] = command
            self.diary.sent[command["id"]] = {**command, "at": time.monotonic()}
            if self.flushed:
                await self.send(command)

    def think(self) -> dict[str, Any]:
        moods = {"post": 1} if self.card.posts_only else MOODS
        mood = self.dice.choices(list(moods), list(moods.values()))[0]
        standing = [m for m in self.timeline.messages.values() if not m["deleted"]][-40:]
        own = [m for m in standing if m["author"]["id"] == self.card.user]
        about = str(uuid.UUID(int=self.dice.getrandbits(128), version=4))
        if mood == "react" and standing:
            seq = self.dice.choice(standing)["seq"]
            return {
                "type": "react",
                "id": about,
                "seq": seq,
                "emoji": self.dice.choice(EMOJI),
                "on": self.dice.random() < 0.8,
            }
        if mood == "edit" and own:
            return {
                "type": "edit",
                "id": about,
                "seq": self.dice.choice(own)["seq"],
                "text": f"edited {about}",
            }
        if mood == "delete" and own:
            return {"type": "delete", "id": about, "seq": self.dice.choice(own)["seq"]}
        self.said += 1
        return {"type": "post", "id": about, "text": f"{self.card.name} says {self.said}"}

    async def send(self, command: dict[str, Any]) -> None:
        self.asked[command["id"]] = time.monotonic()
        await self.write(command)

    async def write(self, command: dict[str, Any]) -> None:
        if self.socket is not None:
            with suppress(ConnectionClosed):  # the outbox keeps it; `listen` sees the end too
                await self.socket.send(json.dumps(command))

    # ── accidents ────────────────────────────────────────────────────────────────────────────────

    def cut(self) -> None:
        """The line breaks in the middle of a frame: half a post leaves, and nothing after it."""
        if self.socket is None:
            return
        command = next(iter(self.outbox.values()), {"type": "ping"})
        frame = Frame(Opcode.TEXT, json.dumps(command).encode()).serialize(mask=True)
        self.socket.transport.write(frame[: len(frame) // 2])
        self.socket.transport.abort()

    def closing_words(self) -> dict[str, Any]:
        self.diary.outbox = list(self.outbox)
        self.diary.listed = self.timeline.listed()
        self.diary.floor, self.diary.cursor = self.timeline.floor, self.timeline.cursor
        return {"card": vars(self.card), **vars(self.diary)}
