"""Presence: one row per process, room and user. The process refreshes its rows while the user is in the room.

Nothing is counted up and down. The rows of a killed process become stale, and its users are then gone.
"""

from datetime import timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

PRESENCE_TTL = timedelta(seconds=60)


class PresenceQuerySet(models.QuerySet["Presence"]):
    def fresh(self) -> Self:
        """Uses only the database's clock: the clocks of web processes may differ by minutes."""
        return self.filter(seen_at__gt=Now() - PRESENCE_TTL)

    def stale(self) -> Self:
        return self.filter(seen_at__lte=Now() - PRESENCE_TTL)


class Presence(models.Model):
    process = models.UUIDField()
    room = models.ForeignKey("chat.Room", on_delete=models.CASCADE, related_name="presences", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="presences")
    seen_at = models.DateTimeField(db_default=Now())

    objects = PresenceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["room", "user", "process"], name="one_presence_per_process")
        ]
        indexes = [models.Index(fields=["process"], name="presence_of_process")]

    def __str__(self) -> str:
        return f"{self.user} in {self.room}"
