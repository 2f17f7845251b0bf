"""Rendering of long texts before they reach the writer: one at a time, in turns between their authors.

The writer renders a whole batch before its transaction. With 500 long texts in the batch, all other messages
would wait for seconds. Here a long text delays only its author and other long texts.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

from chat.actions.command import Command
from chat.refusals import Refusal

from .parts import Answer

LONG = 200  # characters; so many take at most half a millisecond, 4,000 take 10
MAX_WAITING = 250  # commands; beyond it new ones are refused as busy. A drain waits 5 s for so many

THREAD = ThreadPoolExecutor(1, thread_name_prefix="renderer")

logger = logging.getLogger(__name__)


class Renderer:
    def __init__(self, pass_on: Callable[[Command, Answer], None]) -> None:
        """`pass_on` receives each rendered command, in the order of its author's commands."""
        self.task: asyncio.Task[None] | None = None
        self._pass_on = pass_on
        self._queues: dict[int, deque[tuple[Command, Answer]]] = {}  # by author; the first is next
        self._waiting = 0

    def take(self, command: Command, answer: Answer) -> bool:
        """Queue a command that is long, or whose author has one in the queue. Returns False for others.

        Raises Refusal: busy.
        """
        queue = self._queues.get(command.actor_id)
        if queue is None and command.characters <= LONG:
            return False
        if self._waiting >= MAX_WAITING:
            raise Refusal("busy", retry_after_ms=2_000)
        self._waiting += 1
        self._queues.setdefault(command.actor_id, deque()).append((command, answer))
        if self.task is None:
            self.task = asyncio.ensure_future(self._work())
        return True

    async def _work(self) -> None:
        """Render, with a pause after each text as long as its rendering, which holds the GIL."""
        try:
            while self._queues:
                author, queue = next(iter(self._queues.items()))
                started = monotonic()
                await self._render(queue[0][0])
                self._pass_on_from(queue)
                del self._queues[author]
                if queue:
                    self._queues[author] = queue  # behind the other authors
                await asyncio.sleep(monotonic() - started)
        finally:
            self.task = None

    async def _render(self, command: Command) -> None:
        """A failure is not handled here: the writer prepares the command again, and answers with it."""
        try:
            await asyncio.get_running_loop().run_in_executor(THREAD, command.prepare)
        except Refusal:
            pass
        except Exception:
            logger.exception("A text was not rendered")

    def _pass_on_from(self, queue: deque[tuple[Command, Answer]]) -> None:
        """Pass on the rendered command and the short ones behind it."""
        is_rendered = True
        while queue and (is_rendered or queue[0][0].characters <= LONG):
            is_rendered = False
            self._waiting -= 1
            self._pass_on(*queue.popleft())
