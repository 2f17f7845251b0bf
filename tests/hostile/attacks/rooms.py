"""Attacks on rooms: create them one after the other, rename them, add and remove members."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .attack import attack

if TYPE_CHECKING:
    from tests.hostile.attacker import Attacker


@attack("rooms", "rooms by the entry form and the New room page, renames, members added and removed")
async def rooms(attacker: Attacker) -> None:
    async def worker(number: int) -> None:
        guest = attacker.guest(number) if number % 6 else None  # every sixth is a new guest each time
        http, word = await attacker.http(guest), attacker.word()
        try:
            if guest is None:
                attacker.count(await http.submit("/", username=word[:12], room=f"Hall {word}"))
                return
            room, member = f"/rooms/{guest['room']}", attacker.random.choice(attacker.accounts)
            while True:
                word = attacker.word()
                attacker.count(await http.submit("/", room=f"Hall {word}"))
                attacker.count(await http.submit("/rooms/new/", name=f"Shed {word}", topic="", kind="public"))
                attacker.count(
                    await http.submit(f"{room}/edit/", name=f"Own {word}", topic=word, kind="public")
                )
                attacker.count(await http.submit(f"{room}/members/", name=member["name"], role="member"))
                attacker.count(await http.submit(f"{room}/members/{member['user']}/remove/"))
        finally:
            http.close()

    await attacker.run_workers(12, worker)
