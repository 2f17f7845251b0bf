"""The background tasks of one web process. Failures are logged, and all tasks are cancelled at the end."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from . import database

logger = logging.getLogger(__name__)


class Background:
    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()
        self._database_is_up = True  # an outage is logged once

    def spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def every(self, seconds: float, work: Callable[[], Awaitable[None]]) -> None:
        """Run `work` for ever, with a pause of `seconds` after each run. An exception never ends the loop."""
        self.spawn(self._repeat(seconds, work))

    def cancel(self) -> None:
        for task in self._tasks:
            task.cancel()

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            logger.error("A background task failed: %s", error, exc_info=error)

    async def _repeat(self, seconds: float, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            await asyncio.sleep(seconds)
            try:
                await work()
            except database.Error as error:
                if self._database_is_up:
                    logger.warning("The database is not available: %s", str(error).strip())
                self._database_is_up = False
            except Exception:
                logger.exception("A periodic task failed; it runs again in %s s", seconds)
            else:
                self._database_is_up = True
