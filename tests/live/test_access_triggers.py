"""The triggers write a row for each change that may end access, and for nothing else."""

import uuid
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection
from django.db.models.functions import Now

from chat.actions.messages import Draft, post
from chat.apps import install_triggers
from chat.models import AccessChange, Membership, Presence, Room, Sanction, User, access_triggers
from tests.live.sockets import log_in
from tests.migrations import migrated_back

pytestmark = pytest.mark.django_db


def written():
    """The users and sessions of the rows since the last call."""
    found = [(row.user_id, row.session_key) for row in AccessChange.objects.order_by("pk")]
    AccessChange.objects.all().delete()
    return found


def test_what_happens_all_the_time_writes_no_row(alice, bob, kitchen):
    key = log_in(alice)
    post([Draft(kitchen.pk, alice.pk, uuid.uuid4(), f"Hello <@{bob.pk}>")])
    Membership.objects.filter(user=bob).update(last_read=1, role=Membership.OWNER)
    Presence.objects.create(process=uuid.uuid4(), room=kitchen, user=alice)
    Presence.objects.all().delete()
    Room.objects.decide(None)
    User.objects.filter(pk=alice.pk).touch()
    User.objects.update(last_login=Now(), email="a@example.org")
    Session.objects.filter(pk=key).update(expire_date=Now() + timedelta(days=30))
    alice.save()
    assert written() == []


def test_sessions_that_expired_long_ago_are_deleted_without_a_row(alice):
    Session.objects.create(session_key="old", session_data="", expire_date=Now() - timedelta(days=1))
    call_command("clearsessions")
    assert not Session.objects.exists() and written() == []


def test_a_row_names_the_user_or_the_session(alice, bob, kitchen):
    key = log_in(alice)
    Session.objects.all().delete()
    User.objects.update(name="Same", is_guest=True)
    Membership.objects.filter(room=kitchen).delete()
    assert written() == [
        (None, key),
        *[(id, None) for id in (alice.pk, bob.pk)],
        *[(id, None) for id in (alice.pk, bob.pk)],
    ]
    User.objects.update(name="Same")
    assert written() == []
    User.objects.filter(pk=bob.pk).delete()
    assert set(written()) == {(bob.pk, None)}


def test_a_sanction_names_its_person_and_one_of_an_address_everybody(alice, bob):
    mute = Sanction.objects.create(kind=Sanction.MUTE, person=alice, reason="Spam")
    Sanction.objects.filter(pk=mute.pk).update(person=bob)
    mute.delete()
    assert set(written()) == {(alice.pk, None), (bob.pk, None)}
    Sanction.objects.create(kind=Sanction.BAN, person=alice, address="192.0.2.7", reason="Spam")
    assert written() == [(None, None)]


def test_one_statement_writes_no_more_rows_than_a_process_reads(stack):
    if not stack.full:
        pytest.skip("SQLite runs triggers for each row")
    count = access_triggers.MOST + 50
    User.objects.bulk_create(User(username=f"u{n}", name=f"U{n}", is_guest=True) for n in range(count))
    User.objects.update(is_active=False)
    assert len(written()) == access_triggers.MOST + 1


@pytest.mark.django_db(transaction=True)
def test_the_triggers_come_with_the_migration_and_survive_later_ones(alice):
    with migrated_back("0026_notifications"):
        Session.objects.all().delete()
    log_in(alice)
    Session.objects.all().delete()
    assert len(written()) == 1
    access_triggers.remove(connection)
    log_in(alice)
    Session.objects.all().delete()
    assert written() == []
    if connection.vendor == "sqlite":
        install_triggers(using="default", plan=[object()])
    else:
        access_triggers.install(connection)
    log_in(alice)
    Session.objects.all().delete()
    assert len(written()) == 1
