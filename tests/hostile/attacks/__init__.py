"""All attacks by name. Each is a coroutine that runs until it is cancelled."""

from __future__ import annotations

from . import accounts, memory, messages, pages, rooms, sockets
from .attack import Attack

ATTACKS: dict[str, Attack] = {
    found.name: found
    for module in (messages, memory, accounts, pages, rooms, sockets)
    for found in vars(module).values()
    if isinstance(found, Attack)
}
