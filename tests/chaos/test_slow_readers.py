"""Clients that never read use little memory, do not delay other clients, and are closed."""

import asyncio
import base64
import json
import os
import random
import socket
import time
import uuid
from contextlib import suppress
from pathlib import Path

import pytest

from chat.actions.messages import Draft, post
from tests.web import SERVE
from tests.wire import signed_in

NON_READERS = 100
MEMORY_LIMIT = 20 * 1024 * 1024  # bytes
CLOSE_LIMIT = 110  # seconds: a minute after the first ping, which comes within 22, on a busy machine
PING_FRAMES = b"".join(bytes([0x89, 0x84, 0, 0, 0, 0]) + n.to_bytes(4) for n in range(1_000))
HELLOS = 60
RECEIVE_BUFFER = 4_096  # bytes that the kernel accepts for a client that does not read
POST_INTERVAL = 0.05  # seconds
TEXT = "words " * 60
ALLOWED_DELAY = 0.1  # seconds more than before, for a garbage collection or a busy machine
NO_LIMITS = {
    "OBROLAN_POST_RATE": "1000",
    "OBROLAN_POST_BURST": "1000",
    "OBROLAN_SOCKETS_PER_PERSON": "1000",
    "OBROLAN_SOCKETS_PER_ADDRESS": "1000",
}


class NonReader:
    """A WebSocket on a bare TCP connection. It sends hello and never reads."""

    def __init__(self, server, person, since: int | None = None, epoch: str | None = None) -> None:
        self.tcp, self.unsent = socket.socket(), b""
        self.tcp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        self.tcp.connect(("127.0.0.1", server.port))
        self.port, self.server_port = self.tcp.getsockname()[1], server.port
        key = base64.b64encode(os.urandom(16)).decode()
        cookie = person.http.cookies["sessionid"]
        self.tcp.sendall(
            f"GET /ws/rooms/kitchen/ HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"
            f"Origin: {server.url}\r\nCookie: sessionid={cookie}\r\n\r\n".encode()
        )
        answer = b""
        while not answer.endswith(b"\r\n\r\n"):
            answer += self.tcp.recv(1)
        self.send("hello", since=since, epoch=epoch)

    def flood(self, data: bytes) -> None:
        """Send whole frames until the kernel accepts no more."""
        self.tcp.setblocking(False)
        with suppress(BlockingIOError, ConnectionError):
            while True:
                self.unsent = self.unsent or data
                self.unsent = self.unsent[self.tcp.send(self.unsent) :]

    def send(self, kind: str, **fields) -> None:
        payload, mask = json.dumps({"type": kind, **fields}).encode(), os.urandom(4)
        masked = bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))
        size = bytes([0x80 | len(payload)]) if len(payload) < 126 else b"\xfe" + len(payload).to_bytes(2)
        self.tcp.sendall(b"\x81" + size + mask + masked)

    def is_closed(self) -> bool:
        """True if the server has closed its end. This reads /proc, because a read would drain the buffer."""
        return f":{self.server_port:04X} 0100007F:{self.port:04X} 01" not in Path("/proc/net/tcp").read_text()


def memory(process) -> int:
    """Resident memory of a process in bytes."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) * 1024


@pytest.mark.waits
@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="needs Linux's /proc")
async def test_a_hundred_clients_that_never_read_use_little_memory_delay_nobody_and_are_closed(
    full, site, alice, bob, kitchen
):
    server = site.start(SERVE, **NO_LIMITS)
    async with (
        signed_in(server, alice).open("kitchen") as writer,
        signed_in(server, bob).open("kitchen") as reader,
    ):
        await writer.hello()
        await reader.hello()
        usual = await measure_latency(writer, reader, seconds=5)
        before = memory(server)
        clients = [NonReader(server, signed_in(server, bob)) for _ in range(NON_READERS)]
        started, peak, loaded = time.monotonic(), 0, []
        while not all(client.is_closed() for client in clients):
            assert time.monotonic() - started < CLOSE_LIMIT, (
                f"{sum(not client.is_closed() for client in clients)} stay open"
            )
            for client in clients[::2]:
                with suppress(ConnectionError):  # the server has closed it
                    client.send("post", id=str(uuid.uuid4()), text="sent without reading")
            loaded += await measure_latency(writer, reader, seconds=2)
            peak = max(peak, memory(server) - before)
        print(
            f"closed after {time.monotonic() - started:.0f} s, {peak / 1024 / 1024:.1f} MB more at the peak, "
            f"median latency {median(usual) * 1000:.0f} ms before, {median(loaded) * 1000:.0f} ms meanwhile"
        )
        assert peak < MEMORY_LIMIT, f"{peak / 1024 / 1024:.0f} MB more"
        assert median(loaded) < median(usual) + ALLOWED_DELAY
        assert len(writer.messages) == len(reader.messages)


@pytest.mark.waits
@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="needs Linux's /proc")
async def test_clients_that_flood_pings_and_never_read_use_little_memory_and_are_closed(
    embedded, site, alice, bob, kitchen
):
    server = site.start(SERVE)
    async with signed_in(server, alice).open("kitchen") as socket:
        await socket.hello()
        before = memory(server)
        clients = [NonReader(server, signed_in(server, bob)) for _ in range(3)]
        started, peak, seconds = time.monotonic(), 0, []
        while not all(client.is_closed() for client in clients):
            assert time.monotonic() - started < CLOSE_LIMIT, "a flood of pings keeps the socket open"
            for client in clients:
                client.flood(PING_FRAMES)
            posted = time.monotonic()
            await socket.post("a word")
            seconds.append(time.monotonic() - posted)
            peak = max(peak, memory(server) - before)
            await asyncio.sleep(0.6)
        print(
            f"closed after {time.monotonic() - started:.0f} s, {peak / 1024 / 1024:.1f} MB more at the peak, "
            f"median post {median(seconds) * 1000:.0f} ms, slowest {max(seconds) * 1000:.0f} ms"
        )
        assert median(seconds) < 0.5
        assert peak < 8 * 1024 * 1024, f"{peak / 1024 / 1024:.0f} MB more"


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="needs Linux's /proc")
async def test_invented_cursors_of_clients_that_never_read_use_little_memory(
    embedded, site, alice, bob, kitchen
):
    server = site.start(SERVE, **NO_LIMITS)
    drafts = [Draft(kitchen.pk, bob.pk, uuid.uuid4(), "<&>" * 1_300) for _ in range(400)]
    post(drafts)
    async with signed_in(server, alice).open("kitchen") as socket:
        epoch = (await socket.hello())["epoch"]
        before = memory(server)
        clients = [
            NonReader(
                server, signed_in(server, bob), since=random.choice([0, 150, 250, 390, 2**50]), epoch=epoch
            )
            for _ in range(HELLOS)
        ]
        for _ in range(5):
            await socket.ping()
            await asyncio.sleep(0.5)
        growth = memory(server) - before
        print(f"{growth / 1024 / 1024:.1f} MB more")
        assert not any(client.is_closed() for client in clients)
        assert growth < HELLOS * 400 * 1024, f"{growth / 1024 / 1024:.0f} MB more"


async def measure_latency(writer, reader, seconds: float) -> list[float]:
    """Post for some seconds; returns the seconds from each post until the other client received it."""
    latencies, deadline = [], time.monotonic() + seconds
    while time.monotonic() < deadline:
        text = f"{TEXT}{time.monotonic()}"
        started = time.monotonic()
        await writer.send("post", id=str(uuid.uuid4()), text=text)
        await reader.expect("message", text=text)
        latencies.append(time.monotonic() - started)
        writer.unread.clear()
        reader.unread.clear()
        await asyncio.sleep(POST_INTERVAL)
    return latencies


def median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]
