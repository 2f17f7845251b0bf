"""Attacks on memory: whatever the server keeps for a client that does not read, and large input."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from tests.hostile import lines

from .attack import attack

if TYPE_CHECKING:
    from tests.hostile.attacker import Attacker

PINGS = lines.frame(lines.PING, b"p" * 125) * 200  # in one write
OPEN = 9  # sockets of one guest: one below the default limit of 10
FAR = 200  # changes that a catch-up may contain


def own_room(me: Attacker, number: int) -> str:
    """The guest's own room: it is empty, so that a hello adds nothing to the figure."""
    return f"/ws/rooms/{me.guest(number)['room']}/"


@attack("pings", "protocol pings on 4 sockets that never read, two of them with a data frame now and then")
async def pings(me: Attacker) -> None:
    async def one(number: int) -> None:
        socket = await me.socket(me.guest(number), own_room(me, number), reads=False)
        writes = 0
        try:
            while True:
                await socket.send(PINGS)
                me.did("pings", 200)
                writes += 1
                if number % 2 and writes % 100 == 0:
                    await socket.say("typing")
                await asyncio.sleep(0)
        finally:
            socket.close()

    await me.crowd(4, one)


@attack("hello", "hello with random cursors on new sockets, not read, in a room of large messages")
async def hello(me: Attacker) -> None:
    async def one(number: int) -> None:
        kept: deque[lines.WebSocket] = deque()
        try:
            while True:
                socket = await me.socket(me.guest(number), reads=False, hello=False)
                kept.append(socket)
                since = me.dice.randrange(me.head - FAR, me.head)
                await socket.say("hello", since=since, epoch=me.epoch)
                me.did("hellos")
                if len(kept) >= OPEN:
                    kept.popleft().close()
        finally:
            for socket in kept:
                socket.close()

    await me.crowd(len(me.guests), one)


@attack("big-frames", "frames of 250 and 300 KB on 6 sockets, bodies of 300 KB on 6 connections")
async def big_frames(me: Attacker) -> None:
    async def frames(number: int) -> None:
        socket = await me.socket(me.guest(number), own_room(me, number))
        try:
            while True:
                await socket.send(lines.frame(lines.TEXT, b"x" * (250_000 if number % 2 else 300_000)))
                me.did("frames")
        finally:
            socket.close()

    async def bodies(number: int) -> None:
        line = await me.http(me.guest(number))
        path = ("/rooms/market/messages/", "/", "/accounts/login/")[number % 3]
        kind = "application/json" if number % 3 == 0 else "application/x-www-form-urlencoded"
        try:
            while True:
                me.did(await line.request("POST", path, b"text=" + b"x" * 300_000, {"Content-Type": kind}))
        finally:
            line.close()

    await me.crowd(12, lambda number: frames(number) if number < 6 else bodies(number))
