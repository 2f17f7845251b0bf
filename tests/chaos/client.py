"""One client: sends commands, keeps an outbox and reconnects after every failure, as the browser does."""

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

from .timeline import RESET, Timeline

OPEN_TIMEOUT = 10  # seconds
REPLY_TIMEOUT = 10  # seconds: invariant 4
CHECK_INTERVAL = 1.0  # seconds
PING_INTERVAL = 25.0  # seconds
BACKOFF = 0.5, 1.5  # seconds: upper bound of the delay before the first attempt, and before any attempt
OUTBOX_LIMIT = 60  # commands: a person stops typing into a page that says "offline"
FINAL_CODES = {4401, 4403, 4404}  # close codes after which a client does not reconnect
COMMAND_WEIGHTS = {"post": 66, "edit": 14, "delete": 8, "react": 12}  # per cent
REPLIES, MENTIONS, UNDONE = 0.3, 0.2, 0.7  # shares of the posts and edits, and of the deletions
EMOJI = ("👍", "❤️", "🎉")


@dataclass
class Profile:
    """Identity, room and send rate (commands per second) of one client."""

    name: str
    user: int
    cookie: str
    room: int
    slug: str
    rate: float
    posts_only: bool
    members: list[int]  # user ids, of this room
    may_be_banned: bool  # for a short time: the client then comes back


@dataclass
class ClientLog:
    """Everything that one client sent and received.

    Times are `time.monotonic()`, which all processes of a machine share.
    """

    sent: dict[str, dict[str, Any]] = field(default_factory=dict)  # id → command, and `at`: first sent
    acked: list[tuple[float, str, int, int]] = field(default_factory=list)  # time, id, seq, rev
    applied: list[tuple[float, int, int, str]] = field(default_factory=list)  # time, seq, rev, outcome
    refused: list[tuple[str, str, str, bool]] = field(default_factory=list)  # command type, id, code, retry
    reconnects: list[float] = field(default_factory=list)  # seconds from each loss to the next welcome
    closes: Counter[str] = field(default_factory=Counter)
    resets: Counter[str] = field(default_factory=Counter)
    violations: list[tuple[float, str]] = field(default_factory=list)  # time, invariant broken by one event
    outbox: list[str] = field(default_factory=list)
    cut_off: list[str] = field(default_factory=list)  # in the outbox when a ban closed the socket
    listed: list[Any] = field(default_factory=list)
    floor: int = 1
    cursor: int = 0


class Client:
    def __init__(self, profile: Profile, ports: list[int], generator: random.Random) -> None:
        self.profile, self.ports, self.random = profile, ports, generator
        self.timeline = Timeline()
        self.outbox: dict[str, dict[str, Any]] = {}
        self.pending: dict[str, float] = {}  # id → time it was sent on this connection; no reply yet
        self.log = ClientLog()
        self.socket: ClientConnection | None = None
        self.welcomed = self.outbox_sent = self.banned = False
        self.post_count = 0

    # ── connection ───────────────────────────────────────────────────────────────────────────────

    async def stay_connected(self) -> None:
        attempt, lost_at = 0, None
        while True:
            retry_after = 0.0
            try:
                async with self.websocket(*await self.connect_tcp()) as self.socket:
                    retry_after = await self.read_events(lost_at)
            except InvalidStatus as refusal:
                self.log_close(f"http {refusal.response.status_code}")
            except (OSError, InvalidHandshake, InvalidMessage, TimeoutError, EOFError):
                self.log_close("refused")
            if self.welcomed:
                attempt, lost_at = 0, time.monotonic()
            self.socket, self.welcomed, self.outbox_sent = None, False, False
            self.pending.clear()
            if self.banned and self.profile.may_be_banned:
                self.log.cut_off.extend(self.outbox)
                self.log.closes.pop("4403", None)
                self.log.closes["banned"] += 1
            if self.log.closes.keys() & {str(code) for code in FINAL_CODES}:
                self.log_violation("closed with a code that forbids reconnecting")
                return
            first, longest = BACKOFF
            jitter = self.random.uniform(0, min(longest, first * 2**attempt))
            await asyncio.sleep(retry_after + jitter)
            attempt += 1

    async def connect_tcp(self) -> tuple[int, socket.socket]:
        """Try the web processes in random order, as the proxy does, and use the first that accepts."""
        for port in self.random.sample(self.ports, len(self.ports)):
            tcp = socket.socket()
            tcp.setblocking(False)
            try:
                await asyncio.get_running_loop().sock_connect(tcp, ("127.0.0.1", port))
            except OSError:
                tcp.close()
            else:
                return port, tcp
        raise ConnectionRefusedError

    def websocket(self, port: int, tcp: socket.socket) -> connect:
        return connect(
            f"ws://127.0.0.1:{port}/ws/rooms/{self.profile.slug}/",
            additional_headers={"Cookie": f"sessionid={self.profile.cookie}"},
            origin=f"http://127.0.0.1:{port}",
            sock=tcp,
            open_timeout=OPEN_TIMEOUT,
            close_timeout=1,
            ping_interval=None,
            compression=None,
            max_size=None,
        )

    def log_close(self, reason: str) -> None:
        self.log.closes[reason] += 1
        if reason in ("1011", "http 500"):
            self.log_violation(f"closed with {reason}")

    def log_violation(self, violation: str) -> None:
        self.log.violations.append((time.monotonic(), violation))

    async def read_events(self, lost_at: float | None) -> float:
        """Read until the socket closes. Returns the server's `retry_after` in seconds."""
        socket, retry_after = self.socket, 0.0
        assert socket is not None
        since = self.timeline.since
        watcher = asyncio.create_task(self.watch_connection(socket))
        try:
            await self.write({"type": "hello", "since": since, "epoch": self.timeline.epoch})
            async for text in socket:
                for event in json.loads(text):
                    kind = event["type"]
                    if kind == "welcome":
                        await self.on_welcome(event, since, lost_at)
                    elif kind == "sanction" and event["kind"] == "banned":
                        self.banned = True
                    elif kind == "bye":
                        retry_after = event["retry_after_ms"] / 1000
                    elif kind == "error" and not self.welcomed and event["retry"]:
                        retry_after = event.get("retry_after_ms", 0) / 1000
                        self.log.refused.append(("hello", "", event["code"], True))
                        socket.transport.abort()
                    else:
                        await self.on_event(event)
        except ConnectionClosed:
            pass
        finally:
            watcher.cancel()
            self.log_close(str(socket.close_code or 1006))
        return retry_after

    async def on_welcome(self, event: dict[str, Any], since: int | None, lost_at: float | None) -> None:
        self.welcomed, self.banned = True, False
        self.timeline.welcome(event, since)
        if lost_at is not None:
            self.log.reconnects.append(time.monotonic() - lost_at)
        if since is None:
            self.log.applied.append((time.monotonic(), 0, event["head"], RESET))
        while unsent := [command for id, command in self.outbox.items() if id not in self.pending]:
            for command in unsent:
                await self.send(command)
        self.outbox_sent = True  # before this a new command could overtake the outbox

    async def on_event(self, event: dict[str, Any]) -> None:
        kind, now = event["type"], time.monotonic()
        if kind == "message":
            outcome = self.timeline.apply(event)
            self.log.applied.append((now, event["seq"], event["rev"], outcome))
        elif kind == "ack":
            self.pending.pop(event["id"], None)
            command = self.outbox.pop(event["id"], {})
            self.log.acked.append((now, event["id"], event["seq"], event["rev"]))
            if command.get("type") == "delete" and self.random.random() < UNDONE:
                await self.enqueue({"type": "restore", "id": self.new_id(), "seq": command["seq"]})
        elif kind == "error":
            self.on_error(event)
        elif kind == "reset":
            self.timeline.reset(event["head"])
            self.log.applied.append((now, 0, event["head"], RESET))
            self.log.resets[event["reason"]] += 1
        elif kind == "synced":
            self.timeline.synced(event["head"])

    def on_error(self, event: dict[str, Any]) -> None:
        if self.banned and event["code"] == "banned" and "id" not in event:
            return  # the reason of the close that follows
        id = event.get("id", "")
        command = self.outbox.get(id, {})
        self.pending.pop(id, None)
        self.log.refused.append((command.get("type", "?"), id, event["code"], event["retry"]))
        if not event["retry"]:
            self.outbox.pop(id, None)
        elif id in self.outbox:
            delay = event.get("retry_after_ms", 1000) / 1000
            asyncio.get_running_loop().call_later(delay, self.resend, id, self.socket)

    def resend(self, id: str, socket: ClientConnection | None) -> None:
        if id in self.outbox and id not in self.pending and socket is self.socket and self.welcomed:
            self.task = asyncio.ensure_future(self.send(self.outbox[id]))

    async def watch_connection(self, socket: ClientConnection) -> None:
        """Send pings, and abort a connection on which a command gets no reply."""
        pinged = time.monotonic()
        while True:
            await asyncio.sleep(CHECK_INTERVAL)
            now = time.monotonic()
            if now - pinged > PING_INTERVAL:
                pinged = now
                await self.write({"type": "ping"})
            oldest = min(self.pending.values(), default=now)
            if now - oldest > REPLY_TIMEOUT:
                self.log_violation(f"no reply for {now - oldest:.1f} s on an open socket")
                socket.transport.abort()

    # ── commands ─────────────────────────────────────────────────────────────────────────────────

    async def send_commands(self, stopped: asyncio.Event) -> None:
        while not stopped.is_set():
            await asyncio.sleep(self.random.expovariate(self.profile.rate))
            if stopped.is_set() or len(self.outbox) >= OUTBOX_LIMIT or not self.timeline.epoch:
                continue
            await self.enqueue(self.random_command())

    async def enqueue(self, command: dict[str, Any]) -> None:
        self.outbox[command["id"]] = command
        self.log.sent[command["id"]] = {**command, "at": time.monotonic()}
        if self.outbox_sent:
            await self.send(command)

    def random_command(self) -> dict[str, Any]:
        weights = {"post": 1} if self.profile.posts_only else COMMAND_WEIGHTS
        kind = self.random.choices(list(weights), list(weights.values()))[0]
        visible = [m for m in self.timeline.messages.values() if not m["deleted"]][-40:]
        own = [m for m in visible if m["author"]["id"] == self.profile.user]
        id = self.new_id()
        if kind == "react" and visible:
            seq = self.random.choice(visible)["seq"]
            emoji, on = self.random.choice(EMOJI), self.random.random() < 0.8
            return {"type": "react", "id": id, "seq": seq, "emoji": emoji, "on": on}
        if kind == "edit" and own:
            seq = self.random.choice(own)["seq"]
            return {"type": "edit", "id": id, "seq": seq, "text": f"edited {id}{self.random_mention()}"}
        if kind == "delete" and own:
            return {"type": "delete", "id": id, "seq": self.random.choice(own)["seq"]}
        self.post_count += 1
        text = f"{self.profile.name} says {self.post_count}{self.random_mention()}"
        is_reply = visible and self.random.random() < REPLIES
        answered = {"reply_to": self.random.choice(visible)["seq"]} if is_reply else {}
        return {"type": "post", "id": id, "text": text, **answered}

    def random_mention(self) -> str:
        is_mention = self.random.random() < MENTIONS
        return f" <@{self.random.choice(self.profile.members)}>" if is_mention else ""

    def new_id(self) -> str:
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    async def send(self, command: dict[str, Any]) -> None:
        self.pending[command["id"]] = time.monotonic()
        await self.write(command)

    async def write(self, command: dict[str, Any]) -> None:
        if self.socket is not None:
            with suppress(ConnectionClosed):  # the outbox keeps the command, and `read_events` ends as well
                await self.socket.send(json.dumps(command))

    # ── failure and end ──────────────────────────────────────────────────────────────────────────

    def disconnect_mid_frame(self) -> None:
        """Write half a frame, then abort the connection."""
        if self.socket is None:
            return
        command = next(iter(self.outbox.values()), {"type": "ping"})
        frame = Frame(Opcode.TEXT, json.dumps(command).encode()).serialize(mask=True)
        self.socket.transport.write(frame[: len(frame) // 2])
        self.socket.transport.abort()

    def final_log(self) -> dict[str, Any]:
        self.log.outbox = list(self.outbox)
        self.log.listed = self.timeline.listed()
        self.log.floor, self.log.cursor = self.timeline.floor, self.timeline.cursor
        return {"profile": vars(self.profile), **vars(self.log)}
