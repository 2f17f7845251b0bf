"""`manage.py renew_epoch`: make clients discard their messages and load them again, after a restore."""

from typing import Any

from django.core.management.base import BaseCommand

from chat.actions import rooms


class Command(BaseCommand):
    help = "Run this once after restoring a backup. Clients discard their messages and load them again."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"Renewed the epoch of {rooms.renew_epochs()} rooms.")
