"""Attacks on passwords and mail. Hashing a password is the most expensive request without a session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .attack import attack

if TYPE_CHECKING:
    from tests.hostile.attacker import Attacker


@attack("logins", "failed logins with random names over 40 connections")
async def logins(attacker: Attacker) -> None:
    async def worker(number: int) -> None:
        http = await attacker.http()
        try:
            while True:
                attacker.count(
                    await http.submit("/accounts/login/", username=attacker.word(), password=attacker.word())
                )
        finally:
            http.close()

    await attacker.run_workers(40, worker)


@attack("resets", "password resets for 40 known accounts over 20 connections")
async def resets(attacker: Attacker) -> None:
    async def worker(number: int) -> None:
        http = await attacker.http()
        try:
            while True:
                account = attacker.random.choice(attacker.accounts)
                attacker.count(await http.submit("/accounts/password_reset/", email=account["email"]))
        finally:
            http.close()

    await attacker.run_workers(20, worker)
