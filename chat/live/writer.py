"""The process's writer: what arrives while one commit runs is committed together, over all rooms.

One transaction a message stores about 800 a second; together 16,000 to 29,000, and nothing is added when
idle (design §4). Order within a sender is the order of arrival, since there is one queue and one writer.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from time import monotonic

from chat.actions.changes import Change
from chat.actions.messages import Draft, post
from chat.models import Message
from chat.refusals import Refusal

from . import database

BATCH = 500  # commands in one transaction: about 50 ms
GATHERED_WITHIN = 0.01  # seconds
WAITING = 20_000  # commands; beyond it the process answers that it is busy

UNAVAILABLE = Refusal("unavailable", retry_after_ms=1_000)

logger = logging.getLogger(__name__)

Answer = Callable[[Message | Refusal], None]  # called on the event loop, after COMMIT


class Writer:
    def __init__(self) -> None:
        self._waiting: list[tuple[Draft | Change, Answer]] = []
        self._writing: asyncio.Task[None] | None = None

    def put(self, command: Draft | Change, answer: Answer) -> None:
        """Have a command committed and answered. Raises Refusal: busy."""
        if len(self._waiting) >= WAITING:
            raise Refusal("busy", retry_after_ms=2_000)
        self._waiting.append((command, answer))
        if self._writing is None:
            self._writing = asyncio.ensure_future(self._write())

    async def finish(self) -> None:
        """Wait until everything that was put is answered."""
        while self._writing:
            await asyncio.wait([self._writing])

    async def _write(self) -> None:
        try:
            while await self._gather():
                batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
                try:
                    results = await self._commit([command for command, _ in batch])
                except database.AWAY as error:
                    # That took seconds, and so would the next batch: who waits is told now, to try again.
                    batch, self._waiting = batch + self._waiting, []
                    logger.warning("%d commands were not stored: %s", len(batch), str(error).strip())
                    results = [UNAVAILABLE] * len(batch)
                for (_, answer), result in zip(batch, results, strict=True):
                    answer(result)
        finally:
            self._writing = None

    async def _gather(self) -> int:
        """How many wait, once a turn of the event loop has brought no more: who writes at the same moment
        shares a commit. One alone waits some 50 µs for it."""
        seen, until = 0, monotonic() + GATHERED_WITHIN
        while seen < len(self._waiting) < BATCH and monotonic() < until:
            seen = len(self._waiting)
            await asyncio.sleep(0)
        return len(self._waiting)

    async def _commit(self, commands: Sequence[Draft | Change]) -> Sequence[Message | Refusal]:
        """Raises database.AWAY."""
        try:
            return await database.run(database.WRITER, post, commands)
        except database.AWAY:
            raise
        except database.FAILED as error:
            if len(commands) > 1:  # something in one of them; nobody else's words may wait for that
                return [(await self._commit([command]))[0] for command in commands]
            logger.warning("A command was not stored: %s", str(error).strip())
        except Exception:
            logger.exception("%d commands were not stored", len(commands))
        return [UNAVAILABLE] * len(commands)
