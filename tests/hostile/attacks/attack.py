"""What an attack is: a name, a line for the table, and a coroutine."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.hostile.attacker import Attacker

Carry = Callable[["Attacker"], Awaitable[None]]


@dataclass(frozen=True)
class Attack:
    name: str
    words: str
    carry_out: Carry


def attack(name: str, words: str) -> Callable[[Carry], Attack]:
    return lambda carry_out: Attack(name, words, carry_out)
