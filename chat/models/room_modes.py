"""The modes of a room: who may write in it, how often, and whether it is still in use."""

from __future__ import annotations

from datetime import datetime

from django.db import models

SLOW_MODES = {  # seconds between two messages of one person
    0: "off",
    5: "5 seconds",
    10: "10 seconds",
    30: "30 seconds",
    60: "1 minute",
    300: "5 minutes",
    900: "15 minutes",
    3_600: "1 hour",
}
NOTICE_LENGTH = 200  # characters
FIRST_MESSAGES = 20  # the most that may need approval


class RoomModes(models.Model):
    """Columns of `Room`. A post reads them in the row that it locks: they are exact and cost no query."""

    EVERYONE, ACCOUNTS, MEMBERS = "everyone", "accounts", "members"
    SHOWN = (  # columns that the people in the room see, or that concern their sockets
        "slow_mode",
        "calm_until",
        "is_locked",
        "posters",
        "approve_first",
        "notice",
        "archived_at",
        "has_held",
        "is_blocked",
    )

    UNKNOWN_DECISIONS = -1  # no room has this number

    # Compared with the number that a process knew when it last checked a person's sanctions: if they differ,
    # the transaction of a post checks them again.
    decisions = models.BigIntegerField(
        default=0, db_default=0, editable=False, help_text="Grows with each decision on who may write here."
    )
    slow_mode = models.PositiveIntegerField(
        default=0,
        db_default=0,
        choices=SLOW_MODES,
        help_text="Time between two messages of one person. Moderators are exempt.",
    )
    calm_until = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Until then only moderators can write."
    )
    is_locked = models.BooleanField(
        "locked", default=False, db_default=False, help_text="Only moderators can write."
    )
    posters = models.CharField(
        "can write",
        max_length=8,
        choices={EVERYONE: "everyone", ACCOUNTS: "people with an account", MEMBERS: "members"},
        default=EVERYONE,
        db_default=EVERYONE,
    )
    approve_first = models.PositiveSmallIntegerField(
        "approve first messages",
        default=0,
        db_default=0,
        help_text="This many first messages of new accounts and guests wait for approval.",
    )
    has_public_log = models.BooleanField(
        "public log",
        default=False,
        db_default=False,
        help_text="Members can read which decisions moderators made in this room.",
    )
    notice = models.CharField(
        max_length=NOTICE_LENGTH,
        blank=True,
        db_default="",
        editable=False,
        help_text="Why the room is calmed down, locked or archived. Everybody in the room sees it.",
    )
    has_held = models.BooleanField(
        default=False,
        db_default=False,
        editable=False,
        help_text="Messages wait for approval here, or their authors have not read the answer yet.",
    )
    is_blocked = models.BooleanField(
        default=False,
        db_default=False,
        editable=False,
        help_text="A direct conversation of two, in which one blocked the other: nobody can write.",
    )
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        abstract = True

    def is_calm(self, now: datetime) -> bool:
        """Whether the calm-down has not ended yet."""
        return self.calm_until is not None and self.calm_until > now

    def is_read_only(self, *, is_calm: bool) -> bool:
        return is_calm or self.is_locked or self.archived_at is not None
