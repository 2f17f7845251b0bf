"""A person's settings of notifications. Without a row everything is at its default."""

import zoneinfo
from datetime import datetime, time, timedelta

from django.conf import settings
from django.db import models

KEY_LENGTH = 32  # hexadecimal digits


class NotificationSettings(models.Model):
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="notification_settings",
        db_constraint=False,  # as in Notice
    )
    mail = models.BooleanField("mail about missed messages", default=False, db_default=False)
    confirmed_address = models.EmailField(
        blank=True,
        default="",
        db_default="",
        help_text="Mails are sent only while this is the address of the account.",
    )
    address_key = models.CharField(
        max_length=KEY_LENGTH,
        blank=True,
        default="",
        db_default="",
        db_index=True,
        help_text="Digest of the confirmed address, the same for all spellings with other capitals.",
    )
    sound = models.BooleanField("sound", default=True)
    quiet_from = models.TimeField("quiet from", null=True, blank=True)
    quiet_until = models.TimeField("until", null=True, blank=True)
    zone = models.CharField(max_length=50, blank=True, help_text="Of the browser in which they were set.")
    push_after = models.DateTimeField(null=True, editable=False, help_text="No push is sent before.")
    mail_after = models.DateTimeField(null=True, editable=False, help_text="No mail is sent before.")

    def __str__(self) -> str:
        return f"notifications of {self.user_id}"

    @property
    def is_quiet_daily(self) -> bool:
        return self.quiet_from is not None and self.quiet_until is not None

    def quiet_ends(self, now: datetime, own_zone: str = "") -> datetime | None:
        """The end of the quiet hours that `now` is in, or None. `own_zone`: `User.time_zone`, which wins."""
        if self.quiet_from is None or self.quiet_until is None or self.quiet_from == self.quiet_until:
            return None
        here = now.astimezone(zone_named(own_zone or self.zone))
        if not is_within(here.time(), self.quiet_from, self.quiet_until):
            return None
        day = here.date() + timedelta(days=here.time() >= self.quiet_until)
        return datetime.combine(day, self.quiet_until, here.tzinfo)


def is_within(moment: time, start: time, end: time) -> bool:
    """Whether the moment is from `start` until `end`, which may be after midnight."""
    if start <= end:
        return start <= moment < end
    return moment >= start or moment < end


def zone_named(name: str) -> zoneinfo.ZoneInfo:
    """UTC for a name that does not exist."""
    try:
        return zoneinfo.ZoneInfo(name or settings.TIME_ZONE)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return zoneinfo.ZoneInfo("UTC")
