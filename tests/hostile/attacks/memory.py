"""Attacks on memory: data that the server keeps for clients that do not read, and large input."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from tests.hostile import connections

from .attack import attack

if TYPE_CHECKING:
    from tests.hostile.attacker import Attacker

PINGS = connections.frame(connections.PING, b"p" * 125) * 200  # sent in one write
OPEN_SOCKETS = 9  # of one guest: one below the default limit of 10
CATCH_UP = 200  # changes that a catch-up may contain


def own_room(attacker: Attacker, number: int) -> str:
    """The guest's own room. It is empty, so a hello does not add to the measured memory."""
    return f"/ws/rooms/{attacker.guest(number)['room']}/"


@attack("pings", "protocol pings on 4 sockets that never read, two of them with a data frame now and then")
async def pings(attacker: Attacker) -> None:
    async def worker(number: int) -> None:
        socket = await attacker.socket(attacker.guest(number), own_room(attacker, number), reads=False)
        writes = 0
        try:
            while True:
                await socket.send(PINGS)
                attacker.count("pings", 200)
                writes += 1
                if number % 2 and writes % 100 == 0:
                    await socket.send_command("typing")
                await asyncio.sleep(0)
        finally:
            socket.close()

    await attacker.run_workers(4, worker)


@attack("hello", "hello with random cursors on new sockets, not read, in a room of large messages")
async def hello(attacker: Attacker) -> None:
    async def worker(number: int) -> None:
        sockets: deque[connections.WebSocket] = deque()
        try:
            while True:
                socket = await attacker.socket(attacker.guest(number), reads=False, hello=False)
                sockets.append(socket)
                since = attacker.random.randrange(attacker.head - CATCH_UP, attacker.head)
                await socket.send_command("hello", since=since, epoch=attacker.epoch)
                attacker.count("hellos")
                if len(sockets) >= OPEN_SOCKETS:
                    sockets.popleft().close()
        finally:
            for socket in sockets:
                socket.close()

    await attacker.run_workers(len(attacker.guests), worker)


@attack("big-frames", "frames of 250 and 300 KB on 6 sockets, bodies of 300 KB on 6 connections")
async def big_frames(attacker: Attacker) -> None:
    async def frames(number: int) -> None:
        socket = await attacker.socket(attacker.guest(number), own_room(attacker, number))
        try:
            while True:
                await socket.send(
                    connections.frame(connections.TEXT, b"x" * (250_000 if number % 2 else 300_000))
                )
                attacker.count("frames")
        finally:
            socket.close()

    async def bodies(number: int) -> None:
        http = await attacker.http(attacker.guest(number))
        path = ("/rooms/market/messages/", "/", "/accounts/login/")[number % 3]
        kind = "application/json" if number % 3 == 0 else "application/x-www-form-urlencoded"
        try:
            while True:
                attacker.count(
                    await http.request("POST", path, b"text=" + b"x" * 300_000, {"Content-Type": kind})
                )
        finally:
            http.close()

    await attacker.run_workers(12, lambda number: frames(number) if number < 6 else bodies(number))
