"""An attack: a name, a description and a coroutine."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.hostile.attacker import Attacker

Run = Callable[["Attacker"], Awaitable[None]]


@dataclass(frozen=True)
class Attack:
    name: str
    description: str
    run: Run


def attack(name: str, description: str) -> Callable[[Run], Attack]:
    """A decorator that makes an attack of a coroutine function."""
    return lambda run: Attack(name, description, run)
