"""The load program: one process, one spec in JSON as its argument, one result in JSON on its output.

`python -m bench.load '{"scenario": "talk", "wire": "json", "ports": [8000], …}'`; `Spec` lists the fields.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import random
import statistics
import sys
from pathlib import Path
from time import perf_counter

import msgspec
from picows import ws_connect

from . import proc
from .tally import Tally
from .wires import WIRES, Client, Obrolan

OPENING_AT_ONCE = 50  # sockets, when they are not told to come all at once
HANDSHAKE = 60.0  # seconds until a socket has to be in its room
STALL = 5.0  # seconds without any delivery, with some owed: they are lost
ECHO = 0.3  # seconds of silence in which doubled deliveries would still come
PARTS = 20  # of the sockets; one of them pings at a time
PINGING = 25  # seconds
BACKOFF = 1.0  # seconds: a refused socket tries again after up to this, doubled each time


class Spec(msgspec.Struct, forbid_unknown_fields=True):
    scenario: str  # talk, open, resume or idle
    wire: str
    ports: list[int]
    rooms: list[str]
    sockets: int
    in_flight: tuple[int, ...] = (1,)
    warm_up: float = 1.0  # seconds
    seconds: float = 3.0  # of each measurement
    behind: int = 100  # changes that a returning socket has missed
    sessions: str = ""  # a file of Cookie headers, one a line
    server: tuple[int, ...] = ()  # roots of process trees
    services: tuple[int, ...] = ()
    cores: tuple[int, ...] = ()


class Crowd:
    """All the clients of a run."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self.sessions = Path(spec.sessions).read_text().splitlines() if spec.sessions else []
        self.waiting: dict[int, asyncio.Future[None]] = {}
        self.lost = self.retries = 0
        self.entered_at: list[float] = []
        self.clients = [self.client(index) for index in range(spec.sockets)]

    def client(self, index: int) -> Client:
        room = self.spec.rooms[index % len(self.spec.rooms)]
        return WIRES[self.spec.wire](index, room, self.ready, self.gone)

    def by_room(self) -> list[list[Client]]:
        count = len(self.spec.rooms)
        return [self.clients[start::count] for start in range(count)]

    def ready(self, client: Client) -> None:
        self.entered_at.append(perf_counter())
        future = self.waiting.get(client.index)
        if future and not future.done():
            future.set_result(None)

    def gone(self, client: Client) -> None:
        self.lost += 1
        if client.tally is not None:
            client.tally.fault(f"reader {client.index} lost its socket")
        future = self.waiting.get(client.index)
        if future and not future.done():
            future.set_exception(ConnectionError("closed before it was in"))

    async def connect(self, client: Client) -> None:
        """Come in; a refusal is answered as a browser does, by trying again a little later."""
        port = self.spec.ports[client.index // len(self.spec.rooms) % len(self.spec.ports)]
        headers = {"Origin": f"http://127.0.0.1:{port}"}
        if self.sessions:
            headers["Cookie"] = self.sessions[client.index % len(self.sessions)]
        pause = BACKOFF
        deadline = perf_counter() + HANDSHAKE
        while True:
            self.waiting[client.index] = asyncio.get_running_loop().create_future()
            try:
                await ws_connect(
                    lambda: client,
                    f"ws://127.0.0.1:{port}{client.path()}",
                    extra_headers=headers,
                    websocket_handshake_timeout=HANDSHAKE,
                )
                await asyncio.wait_for(self.waiting[client.index], HANDSHAKE)
                return
            except Exception:
                if perf_counter() > deadline:
                    raise
                self.retries += 1
                await asyncio.sleep(random.random() * pause)
                pause *= 2

    async def enter(self, at_once: int) -> None:
        """All come in. Browsers have a room's cursor from its page; here its first client tells them."""
        gate = asyncio.Semaphore(at_once)

        async def one(client: Client) -> None:
            async with gate:
                await self.connect(client)

        count = len(self.spec.rooms)
        scouts, others = self.clients[:count], self.clients[count:]
        if not any(client.knows_the_room for client in others):
            await asyncio.gather(*map(one, scouts))
            for client in others:
                client.learn_from(scouts[client.index % count])
            scouts = []
        await asyncio.gather(*map(one, scouts + others))

    def leave(self) -> None:
        for client in self.clients:
            client.leave()

    async def keep_up(self) -> None:
        """Ping every PINGING seconds, as browsers do, some sockets at a time."""
        turn = 0
        while True:
            for client in self.clients[turn % (PARTS * PINGING) :: PARTS * PINGING]:
                client.ping()
            turn += 1
            await asyncio.sleep(1 / PARTS)


class Meter:
    """What a stretch of time cost."""

    def __init__(self, spec: Spec) -> None:
        self.trees = {"server": spec.server, "services": spec.services, "load": (os.getpid(),)}
        self.began = perf_counter()
        self.before = {name: proc.cpu(roots) for name, roots in self.trees.items()}

    def read(self) -> dict:
        seconds = perf_counter() - self.began
        used = {name: round(proc.cpu(roots) - self.before[name], 3) for name, roots in self.trees.items()}
        return {"seconds": seconds, "cpu": used}


async def talk(spec: Spec, crowd: Crowd) -> list[dict]:
    """Everybody in; then, for each number of messages in flight, a closed loop for some seconds."""
    await crowd.enter(OPENING_AT_ONCE)
    return [await converse(spec, crowd, in_flight) for in_flight in spec.in_flight]


async def converse(spec: Spec, crowd: Crowd, in_flight: int) -> dict:
    tally = Tally(crowd.by_room(), in_flight)
    tally.start()
    await flow(tally, spec.warm_up)
    meter, delivered, completed = Meter(spec), tally.delivered, tally.completed
    tally.measuring = True
    await flow(tally, spec.seconds)
    tally.measuring = tally.sending = False
    delivered, completed, cost = tally.delivered - delivered, tally.completed - completed, meter.read()
    await flow(tally, STALL * 4)
    await asyncio.sleep(ECHO)
    return {
        "in_flight": in_flight,
        "deliveries": delivered / cost["seconds"],
        "posts": completed / cost["seconds"],
        **latencies(tally.latencies),
        **cost,
        "stored": tally.completed,
        "missing": tally.missing(),
        "faults": tally.faults,
        "examples": tally.examples,
    }


async def flow(tally: Tally, seconds: float) -> None:
    """Let it run for so long, or until nothing is under way, or nothing moves any more."""
    now = perf_counter()
    end, moved_at, moved = now + seconds, now, tally.delivered
    while now < end and (tally.sending or tally.open):
        await asyncio.sleep(min(0.1, end - now))
        now = perf_counter()
        if tally.delivered != moved:
            moved_at, moved = now, tally.delivered
        elif now - moved_at > STALL:
            tally.sending = False
            return


def latencies(seconds: list[float]) -> dict:
    if not seconds:
        return {}
    ordered = sorted(seconds)
    return {
        "median_ms": statistics.median(ordered) * 1000,
        "p99_ms": ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))] * 1000,
    }


async def opening(spec: Spec, crowd: Crowd) -> list[dict]:
    """Sockets come in, some at a time; then one message in each room shows that all are there."""
    meter = Meter(spec)
    await crowd.enter(OPENING_AT_ONCE)
    return [{**meter.read(), **await everybody_hears(crowd), "retries": crowd.retries}]


async def everybody_hears(crowd: Crowd) -> dict:
    tally = Tally(crowd.by_room(), len(crowd.spec.rooms))
    tally.start()
    tally.sending = False
    await flow(tally, HANDSHAKE)
    await asyncio.sleep(ECHO)
    return {"missing": tally.missing(), "faults": tally.faults, "examples": tally.examples}


async def resume(spec: Spec, crowd: Crowd) -> list[dict]:
    """All leave but one in each room, who says `behind` things; then all come back at the same moment."""
    await crowd.enter(OPENING_AT_ONCE)
    rooms = crowd.by_room()
    for clients in rooms:
        for client in clients[1:]:
            client.leave()
    tally = Tally([clients[:1] for clients in rooms], len(rooms))
    tally.start()
    while tally.completed < (spec.behind - 1) * len(rooms):
        await flow(tally, 0.05)
    tally.sending = False
    await flow(tally, HANDSHAKE)
    for clients in rooms:
        clients[0].leave()
    cursors = {client.index: client.cursor for clients in rooms for client in clients[1:]}
    epochs = {clients[0].room: clients[0].epoch for clients in rooms}
    crowd.clients = [returning(crowd, index, cursors, epochs) for index in range(spec.sockets)]
    crowd.entered_at, crowd.retries = [], 0
    meter = Meter(spec)
    await crowd.enter(spec.sockets)
    waits = [moment - meter.began for moment in crowd.entered_at]
    resets = sum(client.resets for client in crowd.clients)
    missed = sum(client.cursor - cursors[client.index] for client in crowd.clients if client.index in cursors)
    return [
        {
            **meter.read(),
            **latencies(waits),
            "caught_up_s": max(waits),
            "behind": missed / len(cursors),
            "resets": resets,
            "retries": crowd.retries,
            **await everybody_hears(crowd),
        }
    ]


def returning(crowd: Crowd, index: int, cursors: dict[int, int], epochs: dict[str, str]) -> Client:
    client = crowd.client(index)
    assert isinstance(client, Obrolan)
    client.epoch = epochs[client.room]
    client.since = client.cursor = cursors.get(index, 0)
    return client


async def idle(spec: Spec, crowd: Crowd) -> list[dict]:
    """Memory that open sockets take, and what they cost while nobody says anything."""
    before = proc.memory(spec.server)
    await crowd.enter(OPENING_AT_ONCE)
    await asyncio.sleep(spec.warm_up)
    meter = Meter(spec)
    await asyncio.sleep(spec.seconds)
    cost, after = meter.read(), proc.memory(spec.server)
    sizes = {f"{kind}_each": (after[kind] - before[kind]) / spec.sockets for kind in after}
    return [{**cost, **sizes, "empty_pss": before["pss"], **await everybody_hears(crowd), "lost": crowd.lost}]


SCENARIOS = {"talk": talk, "open": opening, "resume": resume, "idle": idle}


async def run(spec: Spec) -> list[dict]:
    crowd = Crowd(spec)
    keeping_up = asyncio.create_task(crowd.keep_up())
    try:
        results = await SCENARIOS[spec.scenario](spec, crowd)
        if keeping_up.done():
            keeping_up.result()  # raises
        return results
    finally:
        keeping_up.cancel()
        crowd.leave()


def main() -> None:
    spec = msgspec.json.decode(sys.argv[1], type=Spec)
    if spec.cores:
        os.sched_setaffinity(0, spec.cores)
    gc.disable()  # a pause of ours must not look like theirs
    print(json.dumps(asyncio.run(run(spec))))


if __name__ == "__main__":
    main()
