"""Notifications that members are still to get about their rooms, by push and by mail.

A row has two numbers of messages: `pushed` and `mailed`. Everything up to them was told, or was no reason to.
As numbers of a room are in the order of commits, they are the mark that makes a repeated delivery harmless.
There is one row for each member who can be reached, however many messages wait.
"""

from datetime import timedelta
from typing import Self

from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Now

CURSOR = 1  # pk of the only NoticeCursor


class NoticeQuerySet(models.QuerySet["Notice"]):
    def waiting(self, channel: str) -> Self:
        """`channel`: push or mail."""
        return self.filter(**{f"{channel}_since__isnull": False})

    def waiting_for(self, channel: str, at_least: timedelta) -> Self:
        return self.filter(**{f"{channel}_since__lte": Now() - at_least})


class Notice(models.Model):
    # Without a constraint: processes of an older version delete memberships, and do not know this table.
    membership = models.OneToOneField(
        "chat.Membership",
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="notice",
        db_constraint=False,
    )
    pushed = models.BigIntegerField(help_text="seq of the last message that no push is due for.")
    push_since = models.DateTimeField(null=True, help_text="Since when a push waits.")
    mailed = models.BigIntegerField(help_text="seq of the last message that no mail is due for.")
    mail_since = models.DateTimeField(null=True, help_text="Since when a mail waits.")

    objects = NoticeQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["push_since"], name="waiting_pushes", condition=Q(push_since__isnull=False)),
            models.Index(fields=["mail_since"], name="waiting_mails", condition=Q(mail_since__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"notice of {self.membership_id}"


class NoticeCursor(models.Model):
    """The ids of the last message and the last `Version` (an edit) that were looked at. All writes of notices
    hold the lock of its only row.
    """

    message = models.BigIntegerField(default=0)
    version = models.BigIntegerField(null=True)

    def __str__(self) -> str:
        return str(self.message)

    @classmethod
    def lock(cls, *, skip: bool = False) -> Self | None:
        """Lock the row until the transaction ends. None if no worker has looked yet; with `skip` also if
        another process has it.

        On SQLite the transaction itself is the lock.
        """
        assert transaction.get_connection().in_atomic_block
        return cls.objects.select_for_update(no_key=True, skip_locked=skip).filter(pk=CURSOR).first()
