"""The process's writer: commands that arrive while one commit runs are committed together, over all rooms.

One transaction per message stores about 800 messages a second, one for many 16,000 to 29,000. On an idle
server a message does not wait for others. Commands of one person run in the order of their arrival.
"""

import asyncio
import logging
from time import monotonic

from chat.actions.batch import Command
from chat.actions.messages import post
from chat.models import Message
from chat.refusals import Refusal

from .. import database
from .renderer import Answer, Renderer

BATCH = 500  # commands in one transaction: about 50 ms
GATHERED_WITHIN = 0.01  # seconds
WAITING = 20_000  # commands; beyond it the process answers that it is busy

UNAVAILABLE = Refusal("unavailable", retry_after_ms=1_000)

logger = logging.getLogger(__name__)


class Writer:
    def __init__(self) -> None:
        self._waiting: list[tuple[Command, Answer]] = []
        self._writing: asyncio.Task[None] | None = None
        self._renderer = Renderer(self._append)

    def put(self, command: Command, answer: Answer) -> None:
        """Have a command committed and answered. Raises Refusal: busy."""
        if len(self._waiting) >= WAITING:
            raise Refusal("busy", retry_after_ms=2_000)
        if not self._renderer.take(command, answer):
            self._append(command, answer)

    async def finish(self) -> None:
        """Wait until everything that was put is answered."""
        while task := self._renderer.task or self._writing:
            await asyncio.wait([task])

    def _append(self, command: Command, answer: Answer) -> None:
        self._waiting.append((command, answer))
        if self._writing is None:
            self._writing = asyncio.ensure_future(self._write())

    async def _write(self) -> None:
        try:
            while await self._gather():
                batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
                try:
                    results = await self._commit([command for command, _ in batch])
                except database.AWAY as error:
                    # That took seconds, and so would the next batch: all clients are told now to try again.
                    batch, self._waiting = batch + self._waiting, []
                    logger.warning("%d commands were not stored: %s", len(batch), str(error).strip())
                    results = [UNAVAILABLE] * len(batch)
                for (_, answer), result in zip(batch, results, strict=True):
                    _give(answer, result)
        finally:
            self._writing = None

    async def _gather(self) -> int:
        """Wait until a turn of the event loop brings no more commands, and return how many there are.

        People who write at the same moment share a commit. One alone waits some 50 µs for it.
        """
        seen, until = 0, monotonic() + GATHERED_WITHIN
        while seen < len(self._waiting) < BATCH and monotonic() < until:
            seen = len(self._waiting)
            await asyncio.sleep(0)
        return len(self._waiting)

    async def _commit(self, commands: list[Command]) -> list[Message | Refusal]:
        """Raises database.AWAY."""
        try:
            return await database.run(database.WRITER, post, commands)
        except database.AWAY:
            raise
        except Exception:  # `post` isolates what one command causes; this is something else
            logger.exception("%d commands were not stored", len(commands))
            return [UNAVAILABLE] * len(commands)


def _give(answer: Answer, result: Message | Refusal) -> None:
    try:
        answer(result)
    except Exception:  # one connection's fault must not keep the others from their answers
        logger.exception("A command was not answered")
