"""The heartbeat reads nothing about idle sockets, and misses no change."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import OperationalError, connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chat.live import heartbeat
from chat.live.access import changes
from chat.models import AccessChange, Room, Sanction, User
from tests.live.sockets import IdleSocket, log_in, settle

pytestmark = pytest.mark.django_db


def test_a_beat_with_200_idle_sockets_reads_no_row_for_any_of_them(process, checked, kitchen):
    for number in range(200):
        IdleSocket(process, User.objects.create_user(f"p{number}"), kitchen)
    process.open_feed(kitchen)
    settle(process, checked)
    with CaptureQueriesContext(connection) as captured:
        process.beat()
    assert not checked
    assert len(captured) == 3, captured.captured_queries  # rooms, changes, new names


def test_a_change_between_the_handshake_and_the_welcome_is_noticed(process, checked, alice, vault):
    process.beat()
    key = log_in(alice)
    socket = IdleSocket(process, alice, vault, session_key=key)
    socket.is_welcomed = False
    mute = Sanction.objects.create(kind=Sanction.MUTE, person=alice, reason="Spam")
    User.objects.filter(pk=alice.pk).update(is_sanctioned=True)
    for _ in range(3):
        process.beat()
    assert socket.sanctions == {} and len(checked) == 3
    socket.is_welcomed = True
    process.beat()
    assert socket.sanctions.keys() == {mute.pk}


def test_a_commit_that_is_seconds_late_is_noticed(process, checked, alice):
    socket = IdleSocket(process, alice)
    settle(process, checked)
    Session.objects.all().delete()
    AccessChange.objects.update(at=F("at") - timedelta(seconds=changes.COMMITTED_WITHIN))
    process.beat()
    assert socket.refused == "sign_in"


def test_the_sweep_notices_expired_sessions_and_what_no_change_tells(
    process, checked, alice, bob, charlie, kitchen, monkeypatch
):
    monkeypatch.setattr(heartbeat, "SWEEP", 3)
    process.heartbeat._part = 0
    gone, expired, idle = (IdleSocket(process, person) for person in (alice, bob, charlie))
    settle(process, checked)
    Session.objects.filter(pk=gone.key).delete()
    Session.objects.filter(pk=expired.key).update(expire_date=timezone.now())
    AccessChange.objects.all().delete()
    for _ in range(heartbeat.SWEEP):
        process.beat()
    assert (gone.refused, expired.refused, idle.refused) == ("sign_in", "sign_in", None)
    assert sorted(map(len, checked)) == [1, 1, 1]


def test_after_more_changes_than_are_read_all_sockets_are_checked_once(
    process, checked, alice, bob, monkeypatch
):
    sockets = {IdleSocket(process, person) for person in (alice, bob)}
    settle(process, checked)
    monkeypatch.setattr(changes, "MOST", 2)
    AccessChange.objects.bulk_create(AccessChange(user_id=10**6) for _ in range(4))
    process.beat()
    process.beat()
    assert checked == [sockets]


def test_after_an_outage_all_sockets_are_checked(process, checked, alice, monkeypatch):
    socket = IdleSocket(process, alice)
    settle(process, checked)
    monkeypatch.setattr(changes, "READ_WITHIN", 0)
    process.beat()
    assert checked == [{socket}]


def test_a_check_that_fails_is_repeated(process, checked, alice, kitchen, monkeypatch):
    socket = IdleSocket(process, alice, kitchen)
    process.open_feed(kitchen)
    settle(process, checked)
    check = heartbeat.check_access

    def fail(access):
        raise OperationalError

    monkeypatch.setattr(heartbeat, "check_access", fail)
    Room.objects.decide(kitchen.pk)
    Session.objects.all().delete()
    with pytest.raises(OperationalError):
        process.beat()
    assert process.feeds.decided == {kitchen.pk}
    monkeypatch.setattr(heartbeat, "check_access", check)
    process.beat()
    assert socket.refused == "sign_in" and not process.feeds.decided
