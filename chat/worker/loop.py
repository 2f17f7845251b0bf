"""The loop of the worker: rounds, once a second, and the tasks of the queues between them."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from itertools import cycle

from django.db import Error as DatabaseError
from django.db import close_old_connections, connection
from django.utils.crypto import get_random_string
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from chat.actions.notices.due import MAIL, PUSH

from . import rounds

ROUND_EVERY = 1.0  # seconds
AFTER_ERROR = 5.0  # seconds
TIDY_EVERY = 3_600.0  # seconds

logger = logging.getLogger(__name__)


class Loop:
    def __init__(self, alive: Callable[[], None] = lambda: None) -> None:
        """`alive` is called after each round, for the health check."""
        self.stopped = threading.Event()
        self.alive = alive
        self._worker: Worker | None = None
        self._looked_at = -ROUND_EVERY
        self._tidied_at = -TIDY_EVERY

    def stop(self) -> None:
        """End after the running task. If it is killed, its people wait for the rest of their lease."""
        self.stopped.set()
        if self._worker:
            self._worker.running = False

    def run(self) -> None:
        while not self.stopped.is_set():
            pause = ROUND_EVERY
            try:
                self.round()
            except DatabaseError as error:
                logger.warning("The worker waits for the database: %s", type(error).__name__)
                pause = AFTER_ERROR
            except Exception:
                logger.exception("A round of the worker failed")
                pause = AFTER_ERROR
            self.alive()
            self.stopped.wait(pause)
        connection.close()

    def round(self) -> None:
        close_old_connections()
        if not rounds.has_work():
            return
        self._look()
        self._run_tasks()
        if time.monotonic() - self._tidied_at > TIDY_EVERY:
            rounds.forget_old_tasks()
            self._tidied_at = time.monotonic()

    def _look(self) -> None:
        rounds.run()
        self._looked_at = time.monotonic()

    def _run_tasks(self) -> None:
        """A push task and a mail task in turn, so that neither kind waits for all of the other. A round runs
        between them when it is time.
        """
        queues = cycle((PUSH, MAIL))
        while not self.stopped.is_set() and DBTaskResult.objects.ready().exists():
            self._run_task(next(queues))
            if time.monotonic() - self._looked_at >= ROUND_EVERY and not self.stopped.is_set():
                self._look()

    def _run_task(self, queue: str) -> None:
        if DBTaskResult.objects.ready().filter(queue_name=queue).exists():
            self._worker = Worker(
                queue_names=[queue],
                excluded_queue_names=[],
                interval=0,
                batch=True,
                backend_name="default",
                startup_delay=False,
                max_tasks=1,
                worker_id=get_random_string(32),
            )
            self._worker.run()
            self.alive()
