"""Quiet hours, in the time zone of the person."""

from datetime import UTC, datetime, time

import pytest
from django.utils import timezone

from chat.actions import notification_settings
from chat.models import NotificationSettings

from .push_service import bodies

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("from_now_on")]


def test_in_quiet_hours_no_push_is_sent_and_one_after_them(
    subscribe, mention, work, later, push_service, alice
):
    subscribe(alice)
    now = timezone.now()
    hour = now.astimezone(UTC).hour
    notification_settings.change(
        alice, mail=True, sound=True, quiet_from=time(hour), quiet_until=time((hour + 2) % 24), zone="UTC"
    )
    mention("one")
    work()
    row = NotificationSettings.objects.get(user=alice)
    assert row.push_after == row.quiet_ends(now)
    mention("two")
    work()
    assert push_service.received == []
    NotificationSettings.objects.update(quiet_from=None)
    later(hours=3)
    work()
    assert bodies(push_service) == ["2 new messages, the latest from Bob: @Alice two"]


QUIET = {  # (from, until, zone, now in UTC) → the end in UTC, or None
    ("22:00", "07:00", "UTC", "2026-03-03 23:00"): "2026-03-04 07:00",
    ("22:00", "07:00", "UTC", "2026-03-03 06:59"): "2026-03-03 07:00",
    ("22:00", "07:00", "UTC", "2026-03-03 07:00"): None,
    ("22:00", "07:00", "UTC", "2026-03-03 21:59"): None,
    ("13:00", "14:30", "UTC", "2026-03-03 13:00"): "2026-03-03 14:30",
    ("22:00", "07:00", "Asia/Jakarta", "2026-03-03 15:30"): "2026-03-04 00:00",
    ("22:00", "07:00", "Asia/Jakarta", "2026-03-03 00:30"): None,
    ("22:00", "07:00", "Europe/Berlin", "2026-03-28 22:00"): "2026-03-29 05:00",  # the clock changes
    ("22:00", "22:00", "UTC", "2026-03-03 22:00"): None,
    ("22:00", "07:00", "No/Such", "2026-03-03 23:00"): "2026-03-04 07:00",
}


@pytest.mark.parametrize(("case", "end"), QUIET.items(), ids=str)
def test_quiet_hours_are_those_of_the_persons_time_zone(case, end):
    start, until, zone, now = case
    row = NotificationSettings(
        quiet_from=time.fromisoformat(start), quiet_until=time.fromisoformat(until), zone=zone
    )
    found = row.quiet_ends(datetime.fromisoformat(now).replace(tzinfo=UTC))
    assert (found and f"{found.astimezone(UTC):%Y-%m-%d %H:%M}") == end
