"""Attacks with many sockets: idle ones, short-lived ones, and a full lobby."""

from __future__ import annotations

import asyncio
import uuid
from typing import TYPE_CHECKING

from .attack import attack

if TYPE_CHECKING:
    from tests.hostile.attacker import Attacker

HOLD = 0.3  # seconds for which a socket without hello stays open


@attack("churn", "sockets without hello, open and close, hello and close, by 30 workers")
async def churn(attacker: Attacker) -> None:
    async def worker(number: int) -> None:
        kind = number % 3
        socket = await attacker.socket(attacker.guest(number), reads=kind != 0, hello=kind == 2)
        try:
            if kind == 0:
                await asyncio.sleep(HOLD)
            elif kind == 2:
                await asyncio.sleep(0.01)
        finally:
            socket.close()

    await attacker.run_workers(30, worker)


@attack("lobby", "120 lobby sockets of 12 people with 300 rooms, some of them opened again and again")
async def lobby(attacker: Attacker) -> None:
    async def watcher(number: int) -> None:
        socket = await attacker.socket(attacker.guest(number), "/ws/lobby/")
        try:
            while True:
                await socket.send_command("ping")
                attacker.count("pings")
                await asyncio.sleep(0.2 if number % 5 else 0.02)
                if number % 5 == 0:
                    return
        finally:
            socket.close()

    async def writer(number: int) -> None:
        room = f"/ws/rooms/{attacker.guest(number)['room']}/"
        socket = await attacker.socket(attacker.guest(number), room)
        try:
            while True:
                await socket.send_command("post", id=str(uuid.uuid4()), text=attacker.word())
                attacker.count("posts")
                await asyncio.sleep(0.1)
        finally:
            socket.close()

    await attacker.run_workers(120, lambda number: watcher(number) if number >= 12 else writer(number))
