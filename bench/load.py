"""The load generator: one process that takes a `Spec` as JSON in its argument and prints results as JSON.

`python -m bench.load '{"scenario": "broadcast", "protocol": "json", "ports": [8000], …}'`
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
from .clients import PROTOCOLS, Client, Obrolan
from .workload import Workload

CONCURRENT_HANDSHAKES = 50  # except where all clients reconnect at once
HANDSHAKE_TIMEOUT = 60.0  # seconds until a client has to be in its room
STALL_TIMEOUT = 5.0  # seconds without any delivery; pending deliveries are lost then
DUPLICATE_WAIT = 0.3  # seconds at the end in which duplicate deliveries would still arrive
PING_INTERVAL = 25  # seconds, for each client
PING_STEPS = 20  # per second; each pings an equal part of the clients
BACKOFF = 1.0  # seconds; upper bound of the first pause before a retry, doubled for each further one


class Spec(msgspec.Struct, forbid_unknown_fields=True):
    scenario: str  # a key of SCENARIOS
    protocol: str  # a key of PROTOCOLS
    ports: list[int]
    rooms: list[str]
    sockets: int
    in_flight: tuple[int, ...] = (1,)
    warm_up: float = 1.0  # seconds
    seconds: float = 3.0  # of each measurement
    behind: int = 100  # changes that a reconnecting client has missed
    sessions: str = ""  # a file of Cookie headers, one per line
    server: tuple[int, ...] = ()  # roots of process trees
    services: tuple[int, ...] = ()  # roots of process trees
    cores: tuple[int, ...] = ()


class ClientPool:
    """All clients of a run."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self.sessions = Path(spec.sessions).read_text().splitlines() if spec.sessions else []
        self.joining: dict[int, asyncio.Future[None]] = {}
        self.lost = self.retries = 0
        self.ready_at: list[float] = []
        self.clients = [self.client(index) for index in range(spec.sockets)]

    def client(self, index: int) -> Client:
        room = self.spec.rooms[index % len(self.spec.rooms)]
        return PROTOCOLS[self.spec.protocol](index, room, self.on_ready, self.on_lost)

    def by_room(self) -> list[list[Client]]:
        count = len(self.spec.rooms)
        return [self.clients[start::count] for start in range(count)]

    def on_ready(self, client: Client) -> None:
        self.ready_at.append(perf_counter())
        future = self.joining.get(client.index)
        if future and not future.done():
            future.set_result(None)

    def on_lost(self, client: Client) -> None:
        self.lost += 1
        if client.workload is not None:
            client.workload.fault(f"reader {client.index} lost its connection")
        future = self.joining.get(client.index)
        if future and not future.done():
            future.set_exception(ConnectionError("closed before the client was in its room"))

    async def connect(self, client: Client) -> None:
        """Connect and join the room. Like a browser, retry after a refusal, with exponential backoff."""
        port = self.spec.ports[client.index // len(self.spec.rooms) % len(self.spec.ports)]
        headers = {"Origin": f"http://127.0.0.1:{port}"}
        if self.sessions:
            headers["Cookie"] = self.sessions[client.index % len(self.sessions)]
        pause = BACKOFF
        deadline = perf_counter() + HANDSHAKE_TIMEOUT
        while True:
            self.joining[client.index] = asyncio.get_running_loop().create_future()
            try:
                await ws_connect(
                    lambda: client,
                    f"ws://127.0.0.1:{port}{client.path()}",
                    extra_headers=headers,
                    websocket_handshake_timeout=HANDSHAKE_TIMEOUT,
                )
                await asyncio.wait_for(self.joining[client.index], HANDSHAKE_TIMEOUT)
                return
            except Exception:
                if perf_counter() > deadline:
                    raise
                self.retries += 1
                await asyncio.sleep(random.random() * pause)
                pause *= 2

    async def connect_all(self, concurrent: int) -> None:
        """Connect all clients.

        A browser takes a room's cursor from the room's page. Here one client of each room connects first,
        and the others take its cursor.
        """
        semaphore = asyncio.Semaphore(concurrent)

        async def connect(client: Client) -> None:
            async with semaphore:
                await self.connect(client)

        count = len(self.spec.rooms)
        first, others = self.clients[:count], self.clients[count:]
        if not any(client.has_cursor for client in others):
            await asyncio.gather(*map(connect, first))
            for client in others:
                client.take_cursor(first[client.index % count])
            first = []
        await asyncio.gather(*map(connect, first + others))

    def close(self) -> None:
        for client in self.clients:
            client.close()

    async def send_pings(self) -> None:
        """Ping with each client every PING_INTERVAL seconds, as browsers do."""
        step = 0
        while True:
            for client in self.clients[step % (PING_STEPS * PING_INTERVAL) :: PING_STEPS * PING_INTERVAL]:
                client.ping()
            step += 1
            await asyncio.sleep(1 / PING_STEPS)


class Meter:
    """The duration of a measurement, and the CPU time of each process tree in it."""

    def __init__(self, spec: Spec) -> None:
        self.trees = {"server": spec.server, "services": spec.services, "load": (os.getpid(),)}
        self.started_at = perf_counter()
        self.before = {name: proc.cpu(roots) for name, roots in self.trees.items()}

    def read(self) -> dict:
        seconds = perf_counter() - self.started_at
        used = {name: round(proc.cpu(roots) - self.before[name], 3) for name, roots in self.trees.items()}
        return {"seconds": seconds, "cpu": used}


async def broadcast(spec: Spec, pool: ClientPool) -> list[dict]:
    """Connect all clients, then run the workload once for each number of messages in flight."""
    await pool.connect_all(CONCURRENT_HANDSHAKES)
    return [await measure_workload(spec, pool, in_flight) for in_flight in spec.in_flight]


async def measure_workload(spec: Spec, pool: ClientPool, in_flight: int) -> dict:
    workload = Workload(pool.by_room(), in_flight)
    workload.start()
    await run_for(spec.warm_up, workload)
    meter, delivered, completed = Meter(spec), workload.delivered, workload.completed
    workload.measuring = True
    await run_for(spec.seconds, workload)
    workload.measuring = workload.sending = False
    delivered, completed = workload.delivered - delivered, workload.completed - completed
    cost = meter.read()
    await run_for(STALL_TIMEOUT * 4, workload)
    await asyncio.sleep(DUPLICATE_WAIT)
    return {
        "in_flight": in_flight,
        "deliveries": delivered / cost["seconds"],
        "posts": completed / cost["seconds"],
        **latencies(workload.latencies),
        **cost,
        "completed": workload.completed,
        **check(workload),
    }


async def run_for(seconds: float, workload: Workload) -> None:
    """Wait for `seconds`, until nothing is in flight, or until nothing has arrived for STALL_TIMEOUT."""
    now = perf_counter()
    end, last_delivery_at, delivered = now + seconds, now, workload.delivered
    while now < end and (workload.sending or workload.open):
        await asyncio.sleep(min(0.1, end - now))
        now = perf_counter()
        if workload.delivered != delivered:
            last_delivery_at, delivered = now, workload.delivered
        elif now - last_delivery_at > STALL_TIMEOUT:
            workload.sending = False
            return


def latencies(seconds: list[float]) -> dict:
    if not seconds:
        return {}
    ordered = sorted(seconds)
    return {
        "median_ms": statistics.median(ordered) * 1000,
        "p99_ms": ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))] * 1000,
    }


def check(workload: Workload) -> dict:
    return {"missing": workload.missing(), "faults": workload.faults, "examples": workload.examples}


async def open_sockets(spec: Spec, pool: ClientPool) -> list[dict]:
    """Connect all clients, some at a time. One message in each room then shows that all receive."""
    meter = Meter(spec)
    await pool.connect_all(CONCURRENT_HANDSHAKES)
    return [{**meter.read(), **await send_one_each(pool), "retries": pool.retries}]


async def send_one_each(pool: ClientPool) -> dict:
    """Send one message in each room, and check that all clients of the room receive it."""
    workload = Workload(pool.by_room(), len(pool.spec.rooms))
    workload.start()
    workload.sending = False
    await run_for(HANDSHAKE_TIMEOUT, workload)
    await asyncio.sleep(DUPLICATE_WAIT)
    return check(workload)


async def resume(spec: Spec, pool: ClientPool) -> list[dict]:
    """Disconnect all clients but one per room, which posts `behind` messages. Then reconnect all at once."""
    await pool.connect_all(CONCURRENT_HANDSHAKES)
    rooms = pool.by_room()
    for clients in rooms:
        for client in clients[1:]:
            client.close()
    workload = Workload([clients[:1] for clients in rooms], len(rooms))
    workload.start()
    while workload.completed < (spec.behind - 1) * len(rooms):
        await run_for(0.05, workload)
    workload.sending = False
    await run_for(HANDSHAKE_TIMEOUT, workload)
    for clients in rooms:
        clients[0].close()
    cursors = {client.index: client.cursor for clients in rooms for client in clients[1:]}
    epochs = {clients[0].room: clients[0].epoch for clients in rooms}
    pool.clients = [reconnecting_client(pool, index, cursors, epochs) for index in range(spec.sockets)]
    pool.ready_at, pool.retries = [], 0
    meter = Meter(spec)
    await pool.connect_all(spec.sockets)
    waits = [moment - meter.started_at for moment in pool.ready_at]
    resets = sum(client.resets for client in pool.clients)
    missed = sum(client.cursor - cursors[client.index] for client in pool.clients if client.index in cursors)
    return [
        {
            **meter.read(),
            **latencies(waits),
            "caught_up_s": max(waits),
            "behind": missed / len(cursors),
            "resets": resets,
            "retries": pool.retries,
            **await send_one_each(pool),
        }
    ]


def reconnecting_client(
    pool: ClientPool, index: int, cursors: dict[int, int], epochs: dict[str, str]
) -> Client:
    client = pool.client(index)
    assert isinstance(client, Obrolan)
    client.epoch = epochs[client.room]
    client.since = client.cursor = cursors.get(index, 0)
    return client


async def idle(spec: Spec, pool: ClientPool) -> list[dict]:
    """Measure the memory and the CPU time of open sockets on which nothing is sent."""
    before = proc.memory(spec.server)
    await pool.connect_all(CONCURRENT_HANDSHAKES)
    await asyncio.sleep(spec.warm_up)
    meter = Meter(spec)
    await asyncio.sleep(spec.seconds)
    cost, after = meter.read(), proc.memory(spec.server)
    sizes = {f"{kind}_each": (after[kind] - before[kind]) / spec.sockets for kind in after}
    return [{**cost, **sizes, "empty_pss": before["pss"], **await send_one_each(pool), "lost": pool.lost}]


SCENARIOS = {"broadcast": broadcast, "open": open_sockets, "resume": resume, "idle": idle}


async def run(spec: Spec) -> list[dict]:
    pool = ClientPool(spec)
    pings = asyncio.create_task(pool.send_pings())
    try:
        results = await SCENARIOS[spec.scenario](spec, pool)
        if pings.done():
            pings.result()  # raises
        return results
    finally:
        pings.cancel()
        pool.close()


def main() -> None:
    spec = msgspec.json.decode(sys.argv[1], type=Spec)
    if spec.cores:
        os.sched_setaffinity(0, spec.cores)
    gc.disable()  # a collection here would look like latency of the server
    print(json.dumps(asyncio.run(run(spec))))


if __name__ == "__main__":
    main()
