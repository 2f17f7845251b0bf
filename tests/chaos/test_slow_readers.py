"""Clients that never read: they cost little, slow nobody, and are closed."""

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
from tests.wire import signed_in

DEAF = 100
GROWTH = 20 * 1024 * 1024  # bytes
CLOSED_WITHIN = 110  # seconds: a minute after the first ping, which comes within 22, on a busy machine
PINGS = b"".join(bytes([0x89, 0x84, 0, 0, 0, 0]) + n.to_bytes(4) for n in range(1_000))  # of the protocol
HELLOS = 60
BUFFER = 4_096  # bytes: what the kernel takes for somebody who does not read
EVERY = 0.05  # seconds between two messages
WORDS = "words " * 60
SLOWER = 0.1  # seconds; a new pass of the garbage collector, a busy machine
UNLIMITED = {
    "OBROLAN_POST_RATE": "1000",
    "OBROLAN_POST_BURST": "1000",
    "OBROLAN_SOCKETS_PER_PERSON": "1000",
    "OBROLAN_SOCKETS_PER_ADDRESS": "1000",
}


class Deaf:
    """A bare TCP connection that says hello and never reads what comes back."""

    def __init__(self, server, person, since: int | None = None, epoch: str | None = None) -> None:
        self.line, self.rest = socket.socket(), b""
        self.line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        self.line.connect(("127.0.0.1", server.port))
        self.here, self.there = self.line.getsockname()[1], server.port
        key = base64.b64encode(os.urandom(16)).decode()
        cookie = person.http.cookies["sessionid"]
        self.line.sendall(
            f"GET /ws/rooms/kitchen/ HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"
            f"Origin: {server.url}\r\nCookie: sessionid={cookie}\r\n\r\n".encode()
        )
        answer = b""
        while not answer.endswith(b"\r\n\r\n"):
            answer += self.line.recv(1)
        self.send("hello", since=since, epoch=epoch)

    def flood(self, data: bytes) -> None:
        """Send frames as long as the server takes them, each whole."""
        self.line.setblocking(False)
        with suppress(BlockingIOError, ConnectionError):
            while True:
                self.rest = self.rest or data
                self.rest = self.rest[self.line.send(self.rest) :]

    def send(self, kind: str, **fields) -> None:
        payload, mask = json.dumps({"type": kind, **fields}).encode(), os.urandom(4)
        masked = bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))
        size = bytes([0x80 | len(payload)]) if len(payload) < 126 else b"\xfe" + len(payload).to_bytes(2)
        self.line.sendall(b"\x81" + size + mask + masked)

    def is_closed(self) -> bool:
        """Has the server's kernel let go of its end? Seen from /proc, without reading a byte here."""
        return f":{self.there:04X} 0100007F:{self.here:04X} 01" not in Path("/proc/net/tcp").read_text()


def memory(process) -> int:
    """Resident bytes of a process."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) * 1024


@pytest.mark.waits
@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="needs Linux's /proc")
async def test_a_hundred_who_never_read_cost_little_slow_nobody_and_are_closed(
    full, site, alice, bob, kitchen
):
    server = site.start(**UNLIMITED)
    async with (
        signed_in(server, alice).open("kitchen") as writer,
        signed_in(server, bob).open("kitchen") as reader,
    ):
        await writer.hello()
        await reader.hello()
        usual = await talk(writer, reader, seconds=5)
        before = memory(server)
        deaf = [Deaf(server, signed_in(server, bob)) for _ in range(DEAF)]
        begun, most, slow = time.monotonic(), 0, []
        while not all(one.is_closed() for one in deaf):
            assert time.monotonic() - begun < CLOSED_WITHIN, (
                f"{sum(not d.is_closed() for d in deaf)} stay open"
            )
            for one in deaf[::2]:
                with suppress(ConnectionError):  # closed just now
                    one.send("post", id=str(uuid.uuid4()), text="I only talk")
            slow += await talk(writer, reader, seconds=2)
            most = max(most, memory(server) - before)
        print(
            f"closed after {time.monotonic() - begun:.0f} s, {most / 1024 / 1024:.1f} MB more at most, "
            f"latency {middle(usual) * 1000:.0f} ms, and {middle(slow) * 1000:.0f} ms meanwhile"
        )
        assert most < GROWTH, f"{most / 1024 / 1024:.0f} MB more"
        assert middle(slow) < middle(usual) + SLOWER
        assert len(writer.messages) == len(reader.messages)


@pytest.mark.waits
@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="needs Linux's /proc")
async def test_silent_readers_that_flood_pings_cost_little_and_are_closed(
    embedded, site, alice, bob, kitchen
):
    server = site.start()
    async with signed_in(server, alice).open("kitchen") as socket:
        await socket.hello()
        before = memory(server)
        deaf = [Deaf(server, signed_in(server, bob)) for _ in range(3)]
        begun, most, took = time.monotonic(), 0, []
        while not all(one.is_closed() for one in deaf):
            assert time.monotonic() - begun < CLOSED_WITHIN, "a flood of pings keeps a silent reader alive"
            for one in deaf:
                one.flood(PINGS)
            said = time.monotonic()
            await socket.post("a word")
            took.append(time.monotonic() - said)
            most = max(most, memory(server) - before)
            await asyncio.sleep(0.6)
        print(
            f"closed after {time.monotonic() - begun:.0f} s, {most / 1024 / 1024:.1f} MB more at most, "
            f"a post took {middle(took) * 1000:.0f} ms, at most {max(took) * 1000:.0f}"
        )
        assert middle(took) < 0.5
        assert most < 8 * 1024 * 1024, f"{most / 1024 / 1024:.0f} MB more"


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="needs Linux's /proc")
async def test_made_up_cursors_of_sockets_that_never_read_cost_little(embedded, site, alice, bob, kitchen):
    server = site.start(**UNLIMITED)
    drafts = [Draft(kitchen.pk, bob.pk, uuid.uuid4(), "<&>" * 1_300) for _ in range(400)]
    post(drafts)
    async with signed_in(server, alice).open("kitchen") as socket:
        epoch = (await socket.hello())["epoch"]
        before = memory(server)
        deaf = [
            Deaf(server, signed_in(server, bob), since=random.choice([0, 150, 250, 390, 2**50]), epoch=epoch)
            for _ in range(HELLOS)
        ]
        for _ in range(5):
            await socket.ping()
            await asyncio.sleep(0.5)
        grown = memory(server) - before
        print(f"{grown / 1024 / 1024:.1f} MB more")
        assert not any(one.is_closed() for one in deaf)
        assert grown < HELLOS * 400 * 1024, f"{grown / 1024 / 1024:.0f} MB more"


async def talk(writer, reader, seconds: float) -> list[float]:
    """Say something again and again; the seconds that each took to the other screen."""
    took, until = [], time.monotonic() + seconds
    while time.monotonic() < until:
        said = f"{WORDS}{time.monotonic()}"
        begun = time.monotonic()
        await writer.send("post", id=str(uuid.uuid4()), text=said)
        await reader.expect("message", text=said)
        took.append(time.monotonic() - begun)
        writer.unread.clear()
        reader.unread.clear()
        await asyncio.sleep(EVERY)
    return took


def middle(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]
