"""The writer of a process: it commits the commands of all rooms that arrive during one commit together.

A transaction per message stores about 800 messages a second, a shared one 16,000 to 29,000. On an idle server
a message does not wait for others. The commands of one person run in the order of their arrival.
"""

import asyncio
import logging
from time import monotonic

from chat import events
from chat.actions.command import Command, Stored
from chat.actions.messages import post
from chat.refusals import Refusal

from .. import database
from .parts import Answer, Part, parts
from .renderer import Renderer

BATCH = 500  # commands in one transaction: about 50 ms
GATHERED_WITHIN = 0.01  # seconds
# Under load a commit waits for ENOUGH commands, but not longer. A commit takes about 0.8 ms of processor time
# and each command 0.1 ms, so commits of one command each would take most of it.
BUSY = 200.0  # commands a second
ENOUGH = 10  # commands
ENOUGH_WITHIN = 0.02  # seconds
LATEST = 0.1  # the share of the latest commit in the average rate
FORGOTTEN_AFTER = 1.0  # seconds without a commit
MAX_WAITING = 20_000  # commands; beyond it new ones are refused as busy

UNAVAILABLE = Refusal("unavailable", retry_after_ms=1_000)

logger = logging.getLogger(__name__)


class Writer:
    def __init__(self) -> None:
        self._waiting: list[tuple[Command, Answer]] = []
        self._writing: asyncio.Task[None] | None = None
        self._renderer = Renderer(self._append)
        # Commands a second that arrive during commits, on average. It is 0 while each client waits for its
        # answer before it sends again, in up to parts.ROOMS rooms.
        self._rate = 0.0
        self._measured_at = 0.0  # monotonic seconds
        self._enough: asyncio.Event | None = None  # set when a commit need not wait any more
        self._answering: asyncio.Task[None] | None = None  # serves the further parts of the last commit
        self._committed = 0  # commands in the last commit

    def put(self, command: Command, answer: Answer) -> None:
        """Queue a command. `answer` is called after its commit. Raises Refusal: busy."""
        if len(self._waiting) >= MAX_WAITING:
            raise Refusal("busy", retry_after_ms=2_000)
        if not self._renderer.take(command, answer):
            self._append(command, answer)

    async def finish(self) -> None:
        """Wait until every queued command is answered."""
        while task := self._renderer.task or self._writing or self._answering:
            await asyncio.wait([task])

    def _append(self, command: Command, answer: Answer) -> None:
        self._waiting.append((command, answer))
        if self._enough and len(self._waiting) >= self._wanted():
            self._enough.set()
        if self._writing is None:
            if monotonic() - self._measured_at > FORGOTTEN_AFTER:
                self._rate = 0.0
            self._writing = asyncio.ensure_future(self._write())

    async def _write(self) -> None:
        """Commit what waits, until nothing does. A commit may begin while the last one is answered."""
        try:
            while await self._gather():
                batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
                hints: list[events.Hint] = []
                began = monotonic()
                try:
                    results, hints = await self._commit([command for command, _ in batch])
                except database.UNAVAILABLE as error:
                    # This took seconds, and so would the next batch. All clients are asked to retry now.
                    batch, self._waiting = batch + self._waiting, []
                    logger.warning("%d commands were not stored: %s", len(batch), str(error).strip())
                    results = [UNAVAILABLE] * len(batch)
                self._measure(monotonic() - began)
                self._committed = len(batch)
                if self._answering:
                    await self._answering
                self._answer(parts(batch, results, hints))
        finally:
            self._writing = None

    def _answer(self, found: list[Part]) -> None:
        """The first part at once, and each further one in a turn of the event loop of its own."""
        _serve(found[0])
        if len(found) > 1:
            self._answering = asyncio.ensure_future(self._answer_rest(found[1:]))

    async def _answer_rest(self, rest: list[Part]) -> None:
        try:
            for part in rest:
                await asyncio.sleep(0)
                _serve(part)
        finally:
            self._answering = None
            if self._enough:
                self._enough.set()

    async def _gather(self) -> int:
        """Wait until a turn of the event loop brings no more commands. Returns their number.

        Commands that arrive at the same moment share a commit. A single command waits about 50 µs.
        """
        seen, until = 0, monotonic() + GATHERED_WITHIN
        while seen < len(self._waiting) < BATCH and monotonic() < until:
            seen = len(self._waiting)
            await asyncio.sleep(0)
        if 0 < len(self._waiting) < self._wanted():
            await self._wait_for_enough()
        return len(self._waiting)

    def _wanted(self) -> int:
        """The number of commands for which a commit waits."""
        if self._answering:  # the clients that were answered send their next ones
            return max(ENOUGH, self._committed // 2)
        return ENOUGH if self._rate > BUSY else 1

    def _measure(self, seconds: float) -> None:
        """Note how many commands arrived during a commit."""
        self._measured_at = monotonic()
        self._rate += LATEST * (len(self._waiting) / seconds - self._rate)

    async def _wait_for_enough(self) -> None:
        self._enough = asyncio.Event()
        timer = asyncio.get_running_loop().call_later(ENOUGH_WITHIN, self._enough.set)
        await self._enough.wait()
        self._enough = None
        timer.cancel()

    async def _commit(self, commands: list[Command]) -> tuple[list[Stored | Refusal], list[events.Hint]]:
        """Raises database.UNAVAILABLE."""
        try:
            return await database.run(database.WRITER, _post, commands)
        except database.UNAVAILABLE:
            raise
        except Exception:  # not caused by one command: `post` isolates those
            logger.exception("%d commands were not stored", len(commands))
            return [UNAVAILABLE] * len(commands), []


def _post(commands: list[Command]) -> tuple[list[Stored | Refusal], list[events.Hint]]:
    """The results, and the hints to publish. Raises what `post` raises."""
    with events.collected() as hints:
        return post(commands), hints


def _serve(part: Part) -> None:
    for answer, result in part.answers:
        _call(answer, result)
    try:
        events.publish(part.hints, part.others)
    except Exception:  # the heartbeat makes up for it
        logger.exception("Changes were not published")


def _call(answer: Answer, result: Stored | Refusal) -> None:
    try:
        answer(result)
    except Exception:  # a failure of one connection must not keep the others from their answers
        logger.exception("A command was not answered")
