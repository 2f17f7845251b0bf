"""Attacks on passwords: the most expensive thing that a stranger can ask for, and mails."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .attack import attack

if TYPE_CHECKING:
    from tests.hostile.attacker import Attacker


@attack("logins", "failed logins with random names over 40 connections")
async def logins(me: Attacker) -> None:
    async def one(number: int) -> None:
        line = await me.http()
        try:
            while True:
                me.did(await line.submit("/accounts/login/", username=me.word(), password=me.word()))
        finally:
            line.close()

    await me.crowd(40, one)


@attack("resets", "password resets for 40 known accounts over 20 connections")
async def resets(me: Attacker) -> None:
    async def one(number: int) -> None:
        line = await me.http()
        try:
            while True:
                account = me.dice.choice(me.accounts)
                me.did(await line.submit("/accounts/password_reset/", email=account["email"]))
        finally:
            line.close()

    await me.crowd(20, one)
