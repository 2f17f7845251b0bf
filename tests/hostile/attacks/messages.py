"""Attacks with valid commands in a room: texts that are expensive to render, and floods of commands."""

from __future__ import annotations

import asyncio
import json
import uuid
from typing import TYPE_CHECKING

from tests.hostile import connections

from .attack import attack

if TYPE_CHECKING:
    from tests.hostile.attacker import Attacker

LENGTH = 4_000  # characters: the maximum of a message
ATOMS = (
    "www.^", "a@", "http://", "http://a.", "www.a.", "[", "[a](", "![", "*a_", "**a ", "_*", "`a``", "``",
    "<a@", "<http://", "\\", "> ", "- ", "1. ", "a.b@c-", "//", "mailto:", "[](<",
)  # fmt: skip
POST_INTERVAL = 0.02  # seconds, of one guest
BATCH = 50  # commands sent in one write
EMOJI = ("👍", "❤️", "🎉", "😀")
MENTIONED = 600  # ids in one text


def expensive_text(number: int) -> str:
    """One atom repeated. Every other text repeats `www.^`, the most expensive one known."""
    atom = ATOMS[number // 2 % len(ATOMS)] if number % 2 else ATOMS[0]
    return (atom * LENGTH)[:LENGTH]


@attack("hard-text", "posts of 4,000 characters that are expensive to render, by 12 guests")
async def hard_text(attacker: Attacker) -> None:
    async def worker(number: int) -> None:
        socket = await attacker.socket(attacker.guest(number))
        try:
            while True:
                number += 1
                await socket.send_command("post", id=str(uuid.uuid4()), text=expensive_text(number))
                attacker.count("posts")
                await asyncio.sleep(POST_INTERVAL)
        finally:
            socket.close()

    await attacker.run_workers(len(attacker.guests), worker)


@attack("floods", "floods of typing, read and react, and edits of one message, on 8 sockets")
async def floods(attacker: Attacker) -> None:
    def commands(kind: int, seq: int) -> list[dict[str, object]]:
        if kind == 0:
            return [{"type": "typing"}] * BATCH
        if kind == 1:
            return [
                {"type": "read", "seq": attacker.random.randrange(1, attacker.head)} for _ in range(BATCH)
            ]
        if kind == 2:
            return [
                {"type": "react", "id": "r", "seq": seq, "emoji": EMOJI[n % len(EMOJI)], "on": n % 8 < 4}
                for n in range(BATCH)
            ]
        return [
            {"type": "edit", "id": "e", "seq": seq, "text": f"{n} {attacker.word()}"} for n in range(BATCH)
        ]

    async def worker(number: int) -> None:
        socket = await attacker.socket(attacker.guest(number))
        seq = attacker.head - len(attacker.guests) + 1
        # The latest message that this guest wrote (see fixtures.add_history).
        seq += (number - seq) % len(attacker.guests)
        try:
            while True:
                batch = commands(number % 4, seq)
                await socket.send(
                    b"".join(
                        connections.frame(connections.TEXT, json.dumps(command).encode()) for command in batch
                    )
                )
                attacker.count("commands", BATCH)
                await asyncio.sleep(0)
        finally:
            socket.close()

    await attacker.run_workers(8, worker)


@attack("never-reads", "10 sockets that never read a busy room, with false read marks and cursors")
async def never_reads(attacker: Attacker) -> None:
    async def non_reader(number: int) -> None:
        socket = await attacker.socket(attacker.guest(number // 5), reads=False, hello=False)
        try:
            since = attacker.random.choice([None, 0, attacker.head, 2**53 - 1])
            await socket.send_command("hello", since=since, epoch=attacker.epoch)
            while True:
                await socket.send_command("read", seq=2**53 - 1)
                attacker.count("false marks")
                await asyncio.sleep(0.5)
        finally:
            socket.close()

    async def writer(number: int) -> None:
        socket = await attacker.socket(attacker.guest(number))
        try:
            while True:
                await socket.send_command("post", id=str(uuid.uuid4()), text="words " * (LENGTH // 6))
                attacker.count("posts")
                await asyncio.sleep(POST_INTERVAL)
        finally:
            socket.close()

    await attacker.run_workers(16, lambda number: non_reader(number) if number < 10 else writer(number))


@attack("mention-floods", "posts of 600 mentions, and floods of unread, restore and delete, on 9 sockets")
async def mention_floods(attacker: Attacker) -> None:
    people = [guest["user"] for guest in attacker.guests]

    def commands(kind: int, seq: int) -> list[dict[str, object]]:
        if kind == 0:
            return [
                {"type": "unread", "seq": attacker.random.randrange(1, attacker.head)} for _ in range(BATCH)
            ]
        if kind == 1:
            return [{"type": ("restore", "delete")[n % 2], "id": "u", "seq": seq} for n in range(BATCH)]
        ids = attacker.random.choices(people, k=MENTIONED // 2) + attacker.random.sample(range(10_000), 300)
        return [{"type": "post", "id": str(uuid.uuid4()), "text": "".join(f"<@{id}>" for id in ids)[:LENGTH]}]

    async def worker(number: int) -> None:
        socket = await attacker.socket(attacker.guest(number))
        seq = attacker.head - len(attacker.guests) + 1
        seq += (number - seq) % len(attacker.guests)  # the latest message of this guest
        try:
            while True:
                batch = commands(number % 3, seq)
                await socket.send(
                    b"".join(
                        connections.frame(connections.TEXT, json.dumps(command).encode()) for command in batch
                    )
                )
                attacker.count("commands", len(batch))
                await asyncio.sleep(POST_INTERVAL if len(batch) == 1 else 0)
        finally:
            socket.close()

    await attacker.run_workers(9, worker)
