"""`manage.py work`: run the worker, which sends pushes and mails, until SIGTERM or Ctrl-C."""

import signal
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django_tasks_db.models import DBTaskResult

from chat.models import Notice
from chat.worker import rounds
from chat.worker.loop import Loop


class Command(BaseCommand):
    help = "Send pushes and mails about missed messages, until SIGTERM or Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--alive", type=Path, help="a file to touch after each round, for a health check")
        parser.add_argument("--state", action="store_true", help="print the length of the queue, and stop")

    def handle(self, *args: Any, alive: Path | None, state: bool, **options: Any) -> None:
        if state:
            self.stdout.write(state_of_queue())
            return
        loop = Loop(alive.touch if alive else lambda: None)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: loop.stop())
        words = "Sending notifications" if rounds.has_work() else "Neither pushes nor mails are configured"
        self.stdout.write(f"{words}. (Ctrl-C stops it)")
        self.stdout.flush()
        loop.run()


def state_of_queue() -> str:
    tasks, notices = DBTaskResult.objects, Notice.objects
    return (
        f"{notices.waiting('push').count()} memberships wait for a push, "
        f"{notices.waiting('mail').count()} for a mail. "
        f"Tasks: {tasks.ready().count()} queued, {tasks.running().count()} running, "
        f"{tasks.failed().count()} failed within a day."
    )
