"""Sanctions: warnings, mutes, removals and bans, for one room or the whole site, for a time or for good."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from . import advisory
from .user import User

REASON_LENGTH = 500  # characters; also of an appeal and its answer
REPEATED_WITHIN = timedelta(minutes=1)
PRECISION = timedelta(seconds=1)  # of the comparison of two durations
ADDRESS_LENGTH = 45  # the longest IPv6 address


class SanctionQuerySet(models.QuerySet["Sanction"]):
    def in_force(self) -> Self:
        """Sanctions that were not lifted and have not ended, by the database's clock."""
        return self.filter(models.Q(ends_at=None) | models.Q(ends_at__gt=Now()), ended_at=None)

    def over(self) -> Self:
        """Sanctions whose time is over, but whose end is not recorded yet."""
        return self.filter(ended_at=None, ends_at__lte=Now())

    def of(self, users: Collection[User]) -> Self:
        """Sanctions of these people, and of the IP addresses from which they entered as guests."""
        of_people = models.Q(person__in=[user.pk for user in users])
        addresses = {user.entry_ip for user in users if user.entry_ip}
        return self.filter(of_people | models.Q(address__in=addresses) if addresses else of_people)

    def barring(self) -> Self:
        """Bans and removals, which keep a person out."""
        return self.filter(kind__in=(Sanction.BAN, Sanction.REMOVAL))

    def repeated(self, duration: timedelta | None, **fields: object) -> Sanction | None:
        """The sanction in force with these fields that was imposed a moment ago: by the same form, which was
        sent twice by a double click or after a timeout.
        """
        recent = self.in_force().filter(**fields, created_at__gt=Now() - REPEATED_WITHIN).order_by("-pk")
        return next((one for one in recent if one.lasts(duration)), None)

    def lock_addresses(self, *, shared: bool = False) -> None:
        """Until the transaction ends, either guests enter (`shared`) or an IP address is banned. Otherwise a
        guest who enters meanwhile would miss the ban, and the ban the guest.
        """
        advisory.lock(advisory.ADDRESSES, shared=shared)


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
        through="chat.HiddenMessage",
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

    @property
    def has_open_appeal(self) -> bool:
        return self.appealed_at is not None and self.answered_at is None

    def lasts(self, duration: timedelta | None) -> bool:
        """Whether it was imposed for this time; None: for good."""
        if duration is None or self.ends_at is None:
            return duration is None and self.ends_at is None
        return abs(self.ends_at - self.created_at - duration) < PRECISION

    def concerns(self, user: User) -> bool:
        """Whether this is a sanction of the user, or of the IP address from which they entered as a guest."""
        return self.person_id == user.pk or (bool(self.address) and self.address == user.entry_ip)


class HiddenMessage(models.Model):
    """A message that a sanction hid.

    While it stays hidden, its `rev` does not change. So with another one, somebody restored it since, and
    perhaps hid it again for another reason: then the end of the sanction does not restore it.
    """

    sanction = models.ForeignKey(Sanction, on_delete=models.CASCADE, related_name="+")
    message = models.ForeignKey("chat.Message", on_delete=models.CASCADE, related_name="+")
    rev = models.BigIntegerField(help_text="Message.rev when it was hidden.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sanction", "message"], name="hidden_once")]

    def __str__(self) -> str:
        return f"{self.message_id} by {self.sanction_id}"
