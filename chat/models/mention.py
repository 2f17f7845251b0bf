"""Mentions: one row for each member whom a message addresses by name.

The rows follow from `Message.mentions`, and are written with it. A deleted message has none, and neither has
a member who ignores the author: such a mention does not notify. `@all` is a column of the message instead, so
its cost does not grow with the members.
"""

from django.conf import settings
from django.db import models


class Mention(models.Model):
    message = models.ForeignKey("chat.Message", on_delete=models.CASCADE, related_name="mention_rows")
    room = models.ForeignKey("chat.Room", on_delete=models.CASCADE, related_name="+", db_index=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="mentions", db_index=False
    )
    seq = models.BigIntegerField()  # of the message

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "user"], name="one_mention_per_message")]
        indexes = [
            models.Index(fields=["user", "-message"], name="mentions_of_user"),
            models.Index(fields=["room", "user", "seq"], name="unread_mentions"),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.message}"
