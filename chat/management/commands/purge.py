"""`manage.py purge`: remove for good what can no longer be restored. Once a day is enough."""

from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Count

from chat.actions import purging

LISTED = 100  # rooms


class Command(BaseCommand):
    help = "Remove for good what was hidden or deleted more than OBROLAN_KEEP_HIDDEN days ago."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="list what would be removed, and stop")
        parser.add_argument("--yes", action="store_true", help="do not ask; for cron")

    def handle(self, *args: Any, dry_run: bool, yes: bool, **options: Any) -> None:
        if dry_run or not yes:
            self.stdout.write("\n".join(listing()))
        if dry_run:
            return
        if not yes and input("Remove this for good? [y/N] ").strip().lower() not in ("y", "yes"):
            raise CommandError("Nothing was removed.")
        removed = ", ".join(f"{count} {name}" for name, count in purging.purge().items())
        self.stdout.write(f"Removed {removed}.")


def listing() -> Iterator[str]:
    """Rows that a purge would remove: the number of each kind, the rooms, and the messages by room."""
    due = purging.due()
    for name, rows in due.items():
        yield f"{rows.count()} {name}"
    for room in due["rooms"][:LISTED]:
        yield f"  room {room.slug}, deleted on {room.deleted_at:%Y-%m-%d}, {room.messages.count()} messages"
    by_room = due["messages"].values("room__slug").annotate(count=Count("pk")).order_by("room__slug")
    for row in by_room[:LISTED]:
        yield f"  {row['count']} messages in {row['room__slug']}"
