"""Attacks with what may be said in a room: texts that are hard to render, and floods of commands."""

from __future__ import annotations

import asyncio
import json
import uuid
from typing import TYPE_CHECKING

from tests.hostile import lines

from .attack import attack

if TYPE_CHECKING:
    from tests.hostile.attacker import Attacker

LENGTH = 4_000  # characters: the longest text
ATOMS = (
    "www.^", "a@", "http://", "http://a.", "www.a.", "[", "[a](", "![", "*a_", "**a ", "_*", "`a``", "``",
    "<a@", "<http://", "\\", "> ", "- ", "1. ", "a.b@c-", "//", "mailto:", "[](<",
)  # fmt: skip
EVERY = 0.02  # seconds between two posts of one guest
BATCH = 50  # commands in one write
EMOJI = ("👍", "❤️", "🎉", "😀")


def hard(number: int) -> str:
    """The atom repeated; every other text is `www.^`, the worst that was found."""
    atom = ATOMS[number // 2 % len(ATOMS)] if number % 2 else ATOMS[0]
    return (atom * LENGTH)[:LENGTH]


@attack("hard-text", "posts of 4,000 characters that are hard to render, by 12 guests")
async def hard_text(me: Attacker) -> None:
    async def one(number: int) -> None:
        socket = await me.socket(me.guest(number))
        try:
            while True:
                number += 1
                await socket.say("post", id=str(uuid.uuid4()), text=hard(number))
                me.did("posts")
                await asyncio.sleep(EVERY)
        finally:
            socket.close()

    await me.crowd(len(me.guests), one)


@attack("floods", "floods of typing, read and react, and edits of one message, on 8 sockets")
async def floods(me: Attacker) -> None:
    def commands(kind: int, seq: int) -> list[dict[str, object]]:
        if kind == 0:
            return [{"type": "typing"}] * BATCH
        if kind == 1:
            return [{"type": "read", "seq": me.dice.randrange(1, me.head)} for _ in range(BATCH)]
        if kind == 2:
            return [
                {"type": "react", "id": "r", "seq": seq, "emoji": EMOJI[n % len(EMOJI)], "on": n % 8 < 4}
                for n in range(BATCH)
            ]
        return [{"type": "edit", "id": "e", "seq": seq, "text": f"{n} {me.word()}"} for n in range(BATCH)]

    async def one(number: int) -> None:
        socket = await me.socket(me.guest(number))
        seq = me.head - len(me.guests) + 1
        seq += (number - seq) % len(me.guests)  # one that this guest wrote (see cast.fill)
        try:
            while True:
                said = commands(number % 4, seq)
                await socket.send(
                    b"".join(lines.frame(lines.TEXT, json.dumps(each).encode()) for each in said)
                )
                me.did("commands", BATCH)
                await asyncio.sleep(0)
        finally:
            socket.close()

    await me.crowd(8, one)


@attack("never-reads", "10 sockets that never read a busy room, with false read marks and cursors")
async def never_reads(me: Attacker) -> None:
    async def deaf(number: int) -> None:
        socket = await me.socket(me.guest(number // 5), reads=False, hello=False)
        try:
            since = me.dice.choice([None, 0, me.head, 2**53 - 1])
            await socket.say("hello", since=since, epoch=me.epoch)
            while True:
                await socket.say("read", seq=2**53 - 1)
                me.did("false marks")
                await asyncio.sleep(0.5)
        finally:
            socket.close()

    async def talk(number: int) -> None:
        socket = await me.socket(me.guest(number))
        try:
            while True:
                await socket.say("post", id=str(uuid.uuid4()), text="words " * (LENGTH // 6))
                me.did("posts")
                await asyncio.sleep(EVERY)
        finally:
            socket.close()

    await me.crowd(16, lambda number: deaf(number) if number < 10 else talk(number))
