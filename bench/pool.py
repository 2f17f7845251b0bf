"""All clients of a run, and how they connect."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable
from pathlib import Path
from time import perf_counter

from picows import ws_connect

from .clients import PROTOCOLS, Client, LobbyTab
from .spec import Spec

CONCURRENT_HANDSHAKES = 50  # except where all clients reconnect at once
HANDSHAKE_TIMEOUT = 60.0  # seconds until a client has to be in its room
SILENCE = 35  # seconds without a frame, after which a client pings, as browsers do
PING_STEPS = 20  # per second; each checks an equal part of the clients
BACKOFF = 1.0  # seconds; upper bound of the first pause before a retry, doubled for each further one


class ClientPool:
    """All clients of a run."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self.sessions = Path(spec.sessions).read_text().splitlines() if spec.sessions else []
        self.joining: dict[int, asyncio.Future[None]] = {}
        self.lost = self.retries = 0
        self.ready_at: list[float] = []
        self.clients = [self.client(index) for index in range(spec.sockets)]
        self.tabs: list[LobbyTab] = []

    def client(self, index: int) -> Client:
        room = self.spec.rooms[index % len(self.spec.rooms)]
        client = PROTOCOLS[self.spec.protocol](index, room, self.on_ready, self.on_lost)
        client.reads = self.spec.reads
        return client

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
        count = len(self.spec.rooms)
        first, others = self.clients[:count], self.clients[count:]
        if not any(client.has_cursor for client in others):
            await self.connect_some(first, concurrent)
            for client in others:
                client.take_cursor(first[client.index % count])
            first = []
        await self.connect_some(first + others, concurrent)

    async def connect_some(self, clients: Iterable[Client], concurrent: int) -> None:
        semaphore = asyncio.Semaphore(concurrent)

        async def connect(client: Client) -> None:
            async with semaphore:
                await self.connect(client)

        await asyncio.gather(*map(connect, clients))

    async def open_tabs(self) -> None:
        """Open the tabs in the lobby. Each lists its user's own room, and the rooms with talk after it."""
        for number in range(self.spec.tabs):
            index = self.spec.sockets + number
            own = f"room{index % self.spec.all_rooms}"
            busy = [room for room in self.spec.rooms if room != own][: self.spec.listed - 1]
            self.tabs.append(LobbyTab(index, own, self.on_ready, self.on_lost, busy))
        await self.connect_some(self.tabs, CONCURRENT_HANDSHAKES)

    def close(self) -> None:
        for client in (*self.clients, *self.tabs):
            client.close()

    async def send_pings(self) -> None:
        """Ping with each client that received nothing for SILENCE seconds."""
        step = 0
        while True:
            everybody = [*self.clients, *self.tabs]
            for client in everybody[step % (PING_STEPS * SILENCE) :: PING_STEPS * SILENCE]:
                if not client.heard:
                    client.ping()
                client.heard = False
            step += 1
            await asyncio.sleep(1 / PING_STEPS)
