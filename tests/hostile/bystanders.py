"""Ten people in another room who talk and load pages, in a process of their own that measures both.

It takes orders as JSON lines on stdin and answers on stdout. All times are `time.monotonic()`, which the
processes of a machine share. A message's time runs from the moment somebody wants to send it to the moment
a screen has it, one figure for each screen, the sender's included. What has not arrived counts with the
time it has been under way.
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

from tests.wire import Closed, Event, Person, Refused, Socket

from .cast import GARDEN

ADDRESS = "127.0.0.2"  # of all bystanders; the attacker has another one
EVERY = 2.0  # seconds between two messages of one person, and between two pages: they take turns
JITTER = 0.05  # seconds
TICK = 0.02  # seconds: how this process notices that it was late itself
AGAIN = 0.2  # seconds between two tries to connect
PAGES = (f"/rooms/{GARDEN}/", "/", f"/rooms/{GARDEN}/messages/?limit=50")


class Bystander(Person):
    def __init__(self, url: str, card: dict[str, Any], notes: Notes) -> None:
        super().__init__(url, {"sessionid": card["cookie"]})
        door = httpx.AsyncHTTPTransport(local_address=ADDRESS)
        self.http = httpx.AsyncClient(
            base_url=self.url, cookies=self.http.cookies, headers=self.headers, timeout=30, transport=door
        )
        self.name, self.notes = card["name"], notes
        self.dice = random.Random(self.name)
        self.screen: Socket | None = None
        self.back = asyncio.Event()  # set while the screen is connected

    async def stay(self) -> None:
        """Keep a screen open: come back with the cursor whenever the socket closes."""
        head: int | None = None
        epoch: str | None = None
        while True:
            try:
                async with self.open(GARDEN, local_addr=(ADDRESS, 0)) as self.screen:
                    self.watch(self.screen)
                    epoch = (await self.screen.hello(head, epoch))["epoch"]
                    self.back.set()
                    await asyncio.wait([self.screen.reader])
                    head = self.screen.head or head
            except (OSError, Closed, AssertionError, websockets.WebSocketException) as reason:
                self.notes.trouble(f"no screen: {reason!r:.200}")
            else:
                self.notes.trouble(f"closed with {self.screen.connection.close_code}")
            self.back.clear()
            await asyncio.sleep(AGAIN)

    def watch(self, screen: Socket) -> None:
        apply = screen.apply

        def note_and_apply(event: Event) -> None:
            if event["type"] == "message":
                self.notes.arrived(self.name, event["client_id"])
            apply(event)

        screen.apply = note_and_apply  # type: ignore[method-assign]

    async def live(self, began: float, turn: float) -> None:
        """Talk and load a page every EVERY seconds, by the clock: a slow answer puts nothing off."""
        for number in itertools.count():
            due = began + (number + turn) * EVERY + self.dice.uniform(0, JITTER)
            await asyncio.sleep(due - time.monotonic())
            self.notes.spawn(self.say(str(uuid.uuid4())))
            self.notes.spawn(self.look(PAGES[number % len(PAGES)]))

    async def say(self, about: str) -> None:
        """Send a message until it is acknowledged, by the rules of docs/protocol.md."""
        self.notes.said[about] = time.monotonic()
        while True:
            await self.back.wait()
            assert self.screen
            try:
                await self.screen.post("a sentence of some ordinary words", id=about)
                return
            except Refused as refusal:
                self.notes.trouble(f"refused: {refusal.code}")
                if not refusal.event["retry"]:
                    return
                await asyncio.sleep(refusal.event.get("retry_after_ms", 500) / 1000)
            except (Closed, AssertionError, websockets.WebSocketException):
                await asyncio.sleep(AGAIN)

    async def look(self, path: str) -> None:
        began, status = time.monotonic(), "none"
        page = self.notes.page(began)
        with suppress(httpx.HTTPError):
            status = str((await self.get(path)).status_code)
        page[1:] = [time.monotonic() - began, status]


class Notes:
    """What all bystanders saw, for one report about any span of time."""

    def __init__(self) -> None:
        self.said: dict[str, float] = {}  # client id → when somebody wanted to send it
        self.seen: dict[tuple[str, str], float] = {}  # (screen, client id) → seconds under way
        self.pages: list[list[Any]] = []  # [began, seconds, status]; None and "" while it loads
        self.troubles: list[tuple[float, str]] = []
        self.late: list[tuple[float, float]] = []  # (when, seconds) of this process's own event loop
        self.tasks: set[asyncio.Task[None]] = set()

    def spawn(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def arrived(self, screen: str, about: str) -> None:
        if about in self.said:
            self.seen.setdefault((screen, about), time.monotonic() - self.said[about])

    def page(self, began: float) -> list[Any]:
        self.pages.append([began, None, ""])
        return self.pages[-1]

    def trouble(self, what: str) -> None:
        self.troubles.append((time.monotonic(), what))

    async def notice_own_lateness(self) -> None:
        while True:
            due = time.monotonic() + TICK
            await asyncio.sleep(TICK)
            self.late.append((due, time.monotonic() - due))

    def report(self, begin: float, end: float, screens: list[str]) -> dict[str, Any]:
        now = time.monotonic()
        sent = [(about, at) for about, at in self.said.items() if begin <= at < end]
        loaded = [page for page in self.pages if begin <= page[0] < end]
        return {
            "delays": [self.seen.get((screen, about), now - at) for about, at in sent for screen in screens],
            "missing": sum((screen, about) not in self.seen for about, _ in sent for screen in screens),
            "pages": [now - began if seconds is None else seconds for began, seconds, _ in loaded],
            "loading": sum(not status for _, _, status in loaded),
            "statuses": Counter(status for _, _, status in loaded if status),
            "troubles": Counter(what for at, what in self.troubles if begin <= at < end),
            "late": max((seconds for at, seconds in self.late if begin <= at < end), default=0.0),
        }


async def main(plan: dict[str, Any]) -> None:
    orders = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(orders), sys.stdin
    )
    notes = Notes()
    people = [Bystander(plan["url"], card, notes) for card in plan["cards"]]
    for person in people:
        notes.spawn(person.stay())
    await asyncio.gather(*(person.back.wait() for person in people))
    began = time.monotonic()
    for number, person in enumerate(people):
        notes.spawn(person.live(began, number / len(people)))
    notes.spawn(notes.notice_own_lateness())
    while line := await orders.readline():
        order = json.loads(line)
        answer = notes.report(order["begin"], order["end"], [person.name for person in people])
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    asyncio.run(main(json.loads(Path(sys.argv[1]).read_text())))
