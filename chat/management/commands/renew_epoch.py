"""`manage.py renew_epoch`: after a restore, tell open screens that what they show may be gone."""

from typing import Any

from django.core.management.base import BaseCommand

from chat.actions import rooms


class Command(BaseCommand):
    help = "Run once after restoring a backup: open screens forget what they show and read it afresh."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"Renewed the epoch of {rooms.renew_epochs()} rooms.")
