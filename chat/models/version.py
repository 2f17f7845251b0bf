"""The earlier versions of edited messages."""

from __future__ import annotations

from itertools import accumulate

from django.db import models

from .message_queries import Bytes


class VersionQuerySet(models.QuerySet["Version"]):
    def newest_within(self, limit: int, size: int) -> list[Version]:
        """The newest `limit` versions, newest first, limited to `size` bytes of text and HTML.

        At least one is included. Sizes are read before the texts, as for pages of messages.
        """
        newest = self.order_by("-pk")
        rows = list(newest.values_list("pk", Bytes("text") + Bytes("html"))[:limit])
        totals = accumulate(bytes for _, bytes in rows)
        fit = [pk for (pk, _), total in zip(rows, totals, strict=True) if total <= size]
        return list(newest.filter(pk__in=fit or [pk for pk, _ in rows[:1]]))


class Version(models.Model):
    """What a message said until an edit replaced it."""

    message = models.ForeignKey(
        "chat.Message", on_delete=models.CASCADE, related_name="versions", db_index=False
    )
    text = models.TextField()
    html = models.TextField()
    replaced_at = models.DateTimeField()

    objects = VersionQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["message", "-id"], name="versions_of_message")]

    def __str__(self) -> str:
        return f"{self.text[:60]} (until {self.replaced_at})"
