"""`manage.py search_index`: write the index of the search again. The chat can run meanwhile."""

from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection

from chat.actions import search_index
from chat.search import schema

WIDTH = 30  # characters of the bar


class Command(BaseCommand):
    help = "Write the index of the search again. It can run while people chat."

    def handle(self, *args: Any, **options: Any) -> None:
        schema.install(connection)
        started, progress = monotonic(), search_index.Progress(1.0, 0, 0)
        for progress in search_index.rebuild():
            if self.stdout.isatty():
                self.stdout.write("\r" + bar(progress, monotonic() - started), ending="")
        if self.stdout.isatty():
            self.stdout.write("")
        self.stdout.write(f"Indexed {progress.messages} messages; {progress.changed} had changed.")


def bar(progress: search_index.Progress, seconds: float) -> str:
    """A line with per cent, messages a second, and the time left."""
    filled = round(progress.done * WIDTH)
    left = round(seconds / progress.done - seconds) if progress.done else 0
    rate = progress.messages / seconds if seconds else 0
    minutes, rest = divmod(left, 60)
    line = f"[{'#' * filled:<{WIDTH}}] {progress.done:4.0%}  {rate:,.0f} messages/s  {minutes}:{rest:02} left"
    return f"{line:<79}"
