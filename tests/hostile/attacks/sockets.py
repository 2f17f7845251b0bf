"""Attacks with many sockets: silent ones, short-lived ones, and a full lobby."""

from __future__ import annotations

import asyncio
import uuid
from typing import TYPE_CHECKING

from .attack import attack

if TYPE_CHECKING:
    from tests.hostile.attacker import Attacker

HOLD = 0.3  # seconds that a socket without hello is kept


@attack("churn", "sockets without hello, open and close, hello and close, by 30 workers")
async def churn(me: Attacker) -> None:
    async def one(number: int) -> None:
        kind = number % 3
        socket = await me.socket(me.guest(number), reads=kind != 0, hello=kind == 2)
        try:
            if kind == 0:
                await asyncio.sleep(HOLD)
            elif kind == 2:
                await asyncio.sleep(0.01)
        finally:
            socket.close()

    await me.crowd(30, one)


@attack("lobby", "120 lobby sockets of 12 people with 300 rooms, some of them opened again and again")
async def lobby(me: Attacker) -> None:
    async def watch(number: int) -> None:
        socket = await me.socket(me.guest(number), "/ws/lobby/")
        try:
            while True:
                await socket.say("ping")
                me.did("looks")
                await asyncio.sleep(0.2 if number % 5 else 0.02)
                if number % 5 == 0:
                    return
        finally:
            socket.close()

    async def talk(number: int) -> None:
        room = f"/ws/rooms/{me.guest(number)['room']}/"
        socket = await me.socket(me.guest(number), room)
        try:
            while True:
                await socket.say("post", id=str(uuid.uuid4()), text=me.word())
                me.did("posts")
                await asyncio.sleep(0.1)
        finally:
            socket.close()

    await me.crowd(120, lambda number: watch(number) if number >= 12 else talk(number))
