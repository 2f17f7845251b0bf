"""Sanctions: warnings, mutes, removals and bans, for one room or the whole site, for a time or for good."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

REASON_LENGTH = 500  # characters; also of an appeal and its answer
ADDRESS_LENGTH = 45  # the longest IPv6 address


class SanctionQuerySet(models.QuerySet["Sanction"]):
    def in_force(self) -> Self:
        """Sanctions that were not lifted and have not ended, by the database's clock."""
        return self.filter(models.Q(ends_at=None) | models.Q(ends_at__gt=Now()), ended_at=None)

    def over(self) -> Self:
        """Sanctions whose time is over, but whose end is not recorded yet."""
        return self.filter(ended_at=None, ends_at__lte=Now())


class Sanction(models.Model):
    """A sanction of a person, an IP address, or both. Without a room it applies to the whole site.

    The person is told `reason`. Only moderators see `note`. A sanction is in force until `ends_at`, or until
    it is lifted; a warning, until the person acknowledges it.
    """

    WARNING, MUTE, REMOVAL, BAN = "warning", "mute", "removal", "ban"

    kind = models.CharField(
        max_length=7,
        choices={WARNING: "warning", MUTE: "mute", REMOVAL: "removal", BAN: "ban"},
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="sanctions"
    )
    address = models.CharField(
        max_length=ADDRESS_LENGTH,
        blank=True,
        db_index=True,
        help_text="Guests from this IP address (IPv6: from its /64) are banned too.",
    )
    room = models.ForeignKey(
        "chat.Room", on_delete=models.CASCADE, null=True, blank=True, related_name="sanctions"
    )
    reason = models.CharField(max_length=REASON_LENGTH, help_text="The person is told this.")
    note = models.TextField(max_length=REASON_LENGTH, blank=True, help_text="Only moderators see this.")
    case = models.ForeignKey(
        "chat.Case", on_delete=models.SET_NULL, null=True, blank=True, related_name="sanctions"
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    ends_at = models.DateTimeField(null=True, blank=True, help_text="Null: for good.")
    ended_at = models.DateTimeField(null=True, blank=True, help_text="Lifted, acknowledged, or over.")
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    appeal = models.TextField(max_length=REASON_LENGTH, blank=True)
    appealed_at = models.DateTimeField(null=True, blank=True)
    answer = models.TextField(max_length=REASON_LENGTH, blank=True, help_text="The answer to the appeal.")
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    hidden = models.ManyToManyField(
        "chat.Message",
        blank=True,
        related_name="+",
        help_text="Messages that this sanction hid. Lifting it restores them.",
    )

    objects = SanctionQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["person"], name="open_sanctions", condition=models.Q(ended_at=None)),
            models.Index(fields=["ends_at"], name="ending_sanctions", condition=models.Q(ended_at=None)),
            models.Index(
                fields=["appealed_at"],
                name="open_appeals",
                condition=models.Q(appealed_at__isnull=False, answered_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display().capitalize()} of {self.person or self.address}"
