"""The periodic work of a process that concerns no open socket at once: it records and tidies."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from chat.actions import devices, leaving, rule_log
from chat.actions.sanctions import end_over
from chat.models.device import SEEN_EVERY

from . import database
from .access.open_sockets import OpenSockets

END_SANCTIONS_EVERY = 5.0  # seconds; they end by the clock, and this only records it
TAKE_MESSAGES_EVERY = 2.0  # seconds, of accounts that were deleted with their messages
PAUSE = 0.3  # seconds between two parts of them

Chore = Callable[[], Awaitable[None]]


def chores(sockets: OpenSockets) -> list[tuple[float, Chore]]:
    """Each with the seconds between two runs."""

    async def end_sanctions() -> None:
        await database.run(database.READERS, end_over)

    async def write_rule_log() -> None:
        await database.run(database.READERS, rule_log.write)

    async def take_messages() -> None:
        taken = True
        while taken:
            taken = bool(await database.run(database.READERS, leaving.take_messages))
            await asyncio.sleep(PAUSE)

    async def note_devices() -> None:
        access = sockets.access().values()
        if keys := {each.identity.session_key for each in access if not each.identity.user.guest}:
            await database.run(database.READERS, devices.still_here, keys)

    return [
        (END_SANCTIONS_EVERY, end_sanctions),
        (rule_log.WRITE_EVERY, write_rule_log),
        (TAKE_MESSAGES_EVERY, take_messages),
        (SEEN_EVERY.total_seconds(), note_devices),
    ]
