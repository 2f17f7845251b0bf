"""Messages that wait for a moderator's approval. They have no number yet, and only their authors see them."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

ANSWER_LENGTH = 500  # characters


class HeldMessageQuerySet(models.QuerySet["HeldMessage"]):
    def waiting(self) -> Self:
        return self.filter(decided_at=None)

    def unanswered(self) -> Self:
        """Those that wait, and the refused ones whose answer the author has not read."""
        return self.filter(told_at=None, approved=False)


class HeldMessage(models.Model):
    room = models.ForeignKey("chat.Room", on_delete=models.CASCADE, related_name="held")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="held")
    client_id = models.UUIDField(editable=False, help_text="The sender's idempotency key.")
    text = models.TextField()
    reply_to = models.BigIntegerField(null=True, blank=True)
    cause = models.CharField(max_length=200, help_text="Why it waits, such as a word rule.")
    created_at = models.DateTimeField(db_default=Now())
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    approved = models.BooleanField(default=False)
    answer = models.CharField(max_length=ANSWER_LENGTH, blank=True, help_text="The author is told this.")

    told_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="The author has read the answer, or withdrew it."
    )

    objects = HeldMessageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["author", "client_id"], name="one_held_message_per_client_id")
        ]
        indexes = [
            models.Index(fields=["created_at"], name="waiting_messages", condition=models.Q(decided_at=None)),
            models.Index(
                fields=["room", "author"],
                name="unanswered_by_author",
                condition=models.Q(told_at=None, approved=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.author}: {self.text[:60]}"
