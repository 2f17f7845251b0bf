"""Long texts on their way to the writer: rendered one at a time, in turns between their authors.

The writer renders a whole batch before its transaction. With 500 long texts in it, all other messages would
wait for seconds. Here such a text delays only its author and other long texts.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

from chat.actions.batch import Command
from chat.models import Message
from chat.refusals import Refusal

LONG = 200  # characters, which take at most half a millisecond; 4,000 take 10
WAITING = 250  # commands; beyond it the process answers that it is busy. A drain waits 5 s for them

THREAD = ThreadPoolExecutor(1, thread_name_prefix="renderer")

logger = logging.getLogger(__name__)

Answer = Callable[[Message | Refusal], None]  # called on the event loop, after COMMIT


class Renderer:
    def __init__(self, pass_on: Callable[[Command, Answer], None]) -> None:
        """`pass_on` takes each command once its text is rendered, in the order of its author's commands."""
        self.task: asyncio.Task[None] | None = None
        self._pass_on = pass_on
        self._queues: dict[int, deque[tuple[Command, Answer]]] = {}  # by person; the first is next
        self._waiting = 0

    def take(self, command: Command, answer: Answer) -> bool:
        """Whether a command is queued: it is long, or its author has one here. Raises Refusal: busy."""
        queue = self._queues.get(command.actor_id)
        if queue is None and command.characters <= LONG:
            return False
        if self._waiting >= WAITING:
            raise Refusal("busy", retry_after_ms=2_000)
        self._waiting += 1
        self._queues.setdefault(command.actor_id, deque()).append((command, answer))
        if self.task is None:
            self.task = asyncio.ensure_future(self._work())
        return True

    async def _work(self) -> None:
        """Rendering holds the interpreter's lock, so this rests as long as it worked."""
        try:
            while self._queues:
                person, queue = next(iter(self._queues.items()))
                begun = monotonic()
                await self._render(queue[0][0])
                self._pass_on_from(queue)
                del self._queues[person]
                if queue:
                    self._queues[person] = queue  # behind the others
                await asyncio.sleep(monotonic() - begun)
        finally:
            self.task = None

    async def _render(self, command: Command) -> None:
        try:
            await asyncio.get_running_loop().run_in_executor(THREAD, command.prepare)
        except Refusal:
            pass  # the writer meets it again, and answers with it
        except Exception:
            logger.exception("A text was not rendered")  # as above

    def _pass_on_from(self, queue: deque[tuple[Command, Answer]]) -> None:
        """The command that was rendered, and the short ones behind it."""
        rendered = True
        while queue and (rendered or queue[0][0].characters <= LONG):
            rendered = False
            self._waiting -= 1
            self._pass_on(*queue.popleft())
