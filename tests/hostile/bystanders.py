"""The bystanders: ten clients in another room that post and load pages, in a process that measures both.

The process reads commands as JSON lines on stdin and replies on stdout. All times are `time.monotonic()`,
which the processes of a machine share.

A message's delay starts when its sender wants to send it and ends when a client receives it. There is one
figure for each client, the sender included. A message that has not arrived counts with the time since its
sender wanted to send it.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import sys
import time
import uuid
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import websockets

from tests.wire import TLS, Closed, Event, Person, Refused, Socket

from .fixtures import GARDEN

IP = "127.0.0.2"  # of all bystanders; the attacker uses another one
INTERVAL = 2.0  # seconds between two messages of one bystander, and between two pages
JITTER = 0.05  # seconds
TICK = 0.02  # seconds between two checks whether this process itself is late
RETRY_PAUSE = 0.2  # seconds between two attempts to connect
PAGES = (f"/rooms/{GARDEN}/", "/", f"/rooms/{GARDEN}/messages/?limit=50")


class Bystander(Person):
    def __init__(self, url: str, profile: dict[str, Any], measurements: Measurements) -> None:
        super().__init__(url, {"sessionid": profile["cookie"]})
        transport = httpx.AsyncHTTPTransport(local_address=IP, verify=TLS)
        self.http = httpx.AsyncClient(
            base_url=self.url,
            cookies=self.http.cookies,
            headers=self.headers,
            timeout=30,
            transport=transport,
        )
        self.name, self.measurements = profile["name"], measurements
        self.random = random.Random(self.name)
        self.current: Socket | None = None
        self.connected = asyncio.Event()

    async def stay_connected(self) -> None:
        """Keep a socket open. Reconnect with the cursor whenever it closes."""
        head: int | None = None
        epoch: str | None = None
        while True:
            try:
                async with self.open(GARDEN, local_addr=(IP, 0)) as self.current:
                    self.measure_arrivals(self.current)
                    epoch = (await self.current.hello(head, epoch))["epoch"]
                    self.connected.set()
                    await asyncio.wait([self.current.reader])
                    head = self.current.head or head
            except (OSError, Closed, AssertionError, websockets.WebSocketException) as reason:
                self.measurements.log_problem(f"not connected: {reason!r:.200}")
            else:
                self.measurements.log_problem(f"closed with {self.current.connection.close_code}")
            self.connected.clear()
            await asyncio.sleep(RETRY_PAUSE)

    def measure_arrivals(self, socket: Socket) -> None:
        apply = socket.apply

        def log_and_apply(event: Event) -> None:
            if event["type"] == "message":
                self.measurements.log_arrival(self.name, event["client_id"])
            apply(event)

        socket.apply = log_and_apply  # type: ignore[method-assign]

    async def post_and_load_pages(self, started: float, turn: float) -> None:
        """Post and load a page every INTERVAL seconds by the clock: a slow response delays neither."""
        for number in itertools.count():
            due = started + (number + turn) * INTERVAL + self.random.uniform(0, JITTER)
            await asyncio.sleep(due - time.monotonic())
            self.measurements.spawn(self.post(str(uuid.uuid4())))
            self.measurements.spawn(self.load(PAGES[number % len(PAGES)]))

    async def post(self, id: str) -> None:
        """Send a message until it is acknowledged, as docs/protocol.md requires."""
        self.measurements.sent[id] = time.monotonic()
        while True:
            await self.connected.wait()
            assert self.current
            try:
                await self.current.post("a sentence of some ordinary words", id=id)
                return
            except Refused as refusal:
                self.measurements.log_problem(f"refused: {refusal.code}")
                if not refusal.event["retry"]:
                    return
                await asyncio.sleep(refusal.event.get("retry_after_ms", 500) / 1000)
            except (Closed, AssertionError, websockets.WebSocketException):
                await asyncio.sleep(RETRY_PAUSE)

    async def load(self, path: str) -> None:
        started, status = time.monotonic(), "none"
        page = self.measurements.add_page(started)
        with suppress(httpx.HTTPError):
            status = str((await self.get(path)).status_code)
        page[1:] = [time.monotonic() - started, status]


class Measurements:
    """The measurements of all bystanders. `report` summarises any span of time."""

    def __init__(self) -> None:
        self.sent: dict[str, float] = {}  # idempotency key → time at which the bystander wanted to send
        self.delays: dict[tuple[str, str], float] = {}  # (recipient, idempotency key) → seconds
        self.pages: list[list[Any]] = []  # [started, seconds, status]; None and "" while it loads
        self.problems: list[tuple[float, str]] = []  # (time, refusal or closed socket)
        self.late: list[tuple[float, float]] = []  # (time, seconds) by which this process was late itself
        self.tasks: set[asyncio.Task[None]] = set()

    def spawn(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def log_arrival(self, recipient: str, id: str) -> None:
        if id in self.sent:
            self.delays.setdefault((recipient, id), time.monotonic() - self.sent[id])

    def add_page(self, started: float) -> list[Any]:
        self.pages.append([started, None, ""])
        return self.pages[-1]

    def log_problem(self, problem: str) -> None:
        self.problems.append((time.monotonic(), problem))

    async def measure_own_lateness(self) -> None:
        while True:
            due = time.monotonic() + TICK
            await asyncio.sleep(TICK)
            self.late.append((due, time.monotonic() - due))

    def report(self, begin: float, end: float, recipients: list[str]) -> dict[str, Any]:
        now = time.monotonic()
        sent = [(id, at) for id, at in self.sent.items() if begin <= at < end]
        expected = [(recipient, id, at) for id, at in sent for recipient in recipients]
        loaded = [page for page in self.pages if begin <= page[0] < end]
        return {
            "delays": [self.delays.get((recipient, id), now - at) for recipient, id, at in expected],
            "missing": sum((recipient, id) not in self.delays for recipient, id, _ in expected),
            "pages": [now - started if seconds is None else seconds for started, seconds, _ in loaded],
            "loading": sum(not status for _, _, status in loaded),
            "statuses": Counter(status for _, _, status in loaded if status),
            "problems": Counter(problem for at, problem in self.problems if begin <= at < end),
            "late": max((seconds for at, seconds in self.late if begin <= at < end), default=0.0),
        }


async def main(plan: dict[str, Any]) -> None:
    commands = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(commands), sys.stdin
    )
    measurements = Measurements()
    bystanders = [Bystander(plan["url"], profile, measurements) for profile in plan["profiles"]]
    for bystander in bystanders:
        measurements.spawn(bystander.stay_connected())
    await asyncio.gather(*(bystander.connected.wait() for bystander in bystanders))
    started = time.monotonic()
    for number, bystander in enumerate(bystanders):
        measurements.spawn(bystander.post_and_load_pages(started, number / len(bystanders)))
    measurements.spawn(measurements.measure_own_lateness())
    while line := await commands.readline():
        command = json.loads(line)
        names = [bystander.name for bystander in bystanders]
        print(json.dumps(measurements.report(command["begin"], command["end"], names)), flush=True)


if __name__ == "__main__":
    asyncio.run(main(json.loads(Path(sys.argv[1]).read_text())))
