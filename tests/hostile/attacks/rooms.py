"""Attacks on rooms: one after the other, renamed, filled and emptied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .attack import attack

if TYPE_CHECKING:
    from tests.hostile.attacker import Attacker


@attack("rooms", "rooms by the entry form and the New room page, renames, members added and removed")
async def rooms(me: Attacker) -> None:
    async def one(number: int) -> None:
        guest = me.guest(number) if number % 6 else None  # every sixth is a new guest each time
        line, word = await me.http(guest), me.word()
        try:
            if guest is None:
                me.did(await line.submit("/", username=word[:12], room=f"Hall {word}"))
                return
            room, member = f"/rooms/{guest['room']}", me.dice.choice(me.accounts)
            while True:
                word = me.word()
                me.did(await line.submit("/", room=f"Hall {word}"))
                me.did(await line.submit("/rooms/new/", name=f"Shed {word}", topic="", kind="public"))
                me.did(await line.submit(f"{room}/about/", name=f"Own {word}", topic=word, kind="public"))
                me.did(await line.submit(f"{room}/members/", name=member["name"], role="member"))
                me.did(await line.submit(f"{room}/members/{member['user']}/remove/"))
        finally:
            line.close()

    await me.crowd(12, one)
