"""Choose the people who are told now, by push or by mail: not in their quiet hours, and not too often.

`push_after` and `mail_after` are the moments from which a person can be chosen again. To choose them sets it
to the end of a lease, so a person whose task was lost with its worker is chosen again. A task whose lease was
given away does nothing: `Lease.holders`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from chat.models import Membership, Notice, NoticeCursor, NotificationSettings

PUSH, MAIL = "push", "mail"
LEASE = timedelta(minutes=3)  # longer than a task may take
WAIT = {PUSH: timedelta(0), MAIL: timedelta(minutes=10)}  # unread for at least this time
PAUSE = {PUSH: timedelta(seconds=10), MAIL: timedelta(hours=1)}  # between two of one person
RETRY = timedelta(minutes=5)  # after a failure
GIVEN_UP = timedelta(days=1)  # after which nobody is told any more
MAX_PEOPLE = 500  # chosen at once


class Lease(NamedTuple):
    """The right to tell people by one channel, until this moment. It identifies the lease as well."""

    channel: str
    until: str  # ISO 8601, since tasks store their arguments as JSON

    def holders(self, users: Collection[int]) -> list[int]:
        """Those of the users who were not given to a later lease."""
        mark = {f"{self.channel}_after": parse_datetime(self.until)}
        found = NotificationSettings.objects.filter(user__in_array=users, **mark)
        return list(found.order_by("user").values_list("user", flat=True))


def choose(channel: str) -> tuple[Lease, Sequence[int]]:
    """Choose people and lease them. Call it in a transaction that queues their tasks."""
    now = timezone.now()
    lease = Lease(channel, (now + LEASE).isoformat())
    if not waiting(channel).exists() or NoticeCursor.lock(skip=True) is None:
        return lease, []
    give_up()
    free = waiting(channel).filter(is_free(channel, now)).order_by("user")
    if channel == MAIL:
        free = free.exclude(Exists(same_address(now)))
    users = list(free.values_list("user", flat=True).distinct()[:MAX_PEOPLE])
    new = [NotificationSettings(user_id=user) for user in users]
    NotificationSettings.objects.bulk_create(new, ignore_conflicts=True)
    found = NotificationSettings.objects.filter(user__in_array=users).select_related("user")
    ends = {one.user_id: one.quiet_ends(now, one.user.time_zone) for one in found}
    for user, end in ends.items():
        if end:
            wait(channel, [user], end)
    chosen = sorted(user for user, end in ends.items() if end is None)
    if channel == MAIL:
        chosen = one_of_each_address(chosen, {one.user_id: one.address_key for one in found})
    wait(channel, chosen, now + LEASE)
    return lease, chosen


def waiting(channel: str) -> QuerySet[Membership]:
    """Memberships about which somebody waits to be told."""
    rows = Notice.objects.waiting_for(channel, WAIT[channel]).values("pk")
    return Membership.objects.filter(pk__in=rows)


def is_free(channel: str, now: datetime) -> Q:
    after = f"user__notification_settings__{channel}_after"
    return Q(**{f"{after}__isnull": True}) | Q(**{f"{after}__lte": now})


def same_address(now: datetime) -> QuerySet[NotificationSettings]:
    """Other accounts with the address of this one that are told now, or were lately: the pause is one of the
    address as well.
    """
    mine = OuterRef("user__notification_settings__address_key")
    others = NotificationSettings.objects.filter(address_key=mine, mail_after__gt=now)
    return others.exclude(address_key="").exclude(user=OuterRef("user"))


def one_of_each_address(users: Sequence[int], keys: Mapping[int, str]) -> list[int]:
    first: dict[str, int] = {}
    return [user for user in users if not keys[user] or first.setdefault(keys[user], user) == user]


def wait(channel: str, users: Collection[int], until: datetime) -> None:
    found = NotificationSettings.objects.filter(user__in_array=users)
    found.update(**{f"{channel}_after": until})


def give_up() -> None:
    """Forget what waits for too long: the mail server refused it, or the browser could not be reached."""
    for channel in (PUSH, MAIL):
        old = Notice.objects.waiting_for(channel, GIVEN_UP)
        old.update(**{f"{channel}_since": None})
