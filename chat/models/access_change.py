"""Changes that may end the access of open sockets. Triggers write them (`access_triggers`)."""

from __future__ import annotations

from datetime import timedelta
from typing import Self

from django.db import models
from django.db.models.functions import Now

SESSION_KEY_LENGTH = 40  # characters, as in Django's table
KEPT = timedelta(hours=1)  # processes read the latest seconds


class AccessChangeQuerySet(models.QuerySet["AccessChange"]):
    def within(self, seconds: float) -> Self:
        """Those of these last seconds by the database's clock, the latest first."""
        return self.filter(at__gt=Now() - timedelta(seconds=seconds)).order_by("-at")

    def old(self) -> Self:
        return self.filter(at__lte=Now() - KEPT)


class AccessChange(models.Model):
    """A change that concerns the sockets of a user or of a session. Without both: those of everybody.

    There are no foreign keys, since the row outlives what it names.
    """

    at = models.DateTimeField(db_default=Now(), db_index=True)
    user_id = models.BigIntegerField(null=True)
    session_key = models.CharField(max_length=SESSION_KEY_LENGTH, null=True)  # noqa: DJ001

    objects = AccessChangeQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.user_id or self.session_key or 'everybody'} at {self.at}"
