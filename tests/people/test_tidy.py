"""`manage.py tidy` deletes expired data and old guests without messages, and nothing else."""

from datetime import timedelta
from uuid import uuid4

import pytest
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.utils import timezone

from chat.actions import invitations, join_links, people
from chat.actions.messages import Draft, post
from chat.models import AccessChange, Invitation, JoinLink, Presence, User

pytestmark = pytest.mark.django_db
LONG_AGO = timedelta(days=31)


def test_old_guests_without_messages_are_deleted(kitchen, alice):
    silent, writer, present, new = (people.enter_as_guest(name) for name in ("Ayu", "Budi", "Citra", "Dewi"))
    post([Draft(kitchen.pk, writer.pk, uuid4(), "hello")])
    Presence.objects.create(process=uuid4(), room=kitchen, user=present)
    User.objects.exclude(pk=new.pk).update(date_joined=timezone.now() - LONG_AGO)
    call_command("tidy")
    assert not User.objects.filter(pk=silent.pk).exists()
    assert User.objects.filter(pk__in=[writer.pk, present.pk, new.pk, alice.pk]).count() == 4


def test_expired_rows_are_deleted_and_valid_rows_stay(client, kitchen, alice, bob):
    client.force_login(alice)
    Session.objects.create(session_key="old", session_data="", expire_date=timezone.now() - LONG_AGO)
    Presence.objects.create(process=uuid4(), room=kitchen, user=alice)
    Presence.objects.create(process=uuid4(), room=kitchen, user=bob, seen_at=timezone.now() - LONG_AGO)
    fresh = Invitation.objects.of(invitations.invite(by=alice)).get()
    Invitation.objects.create(digest="0", expires_at=timezone.now() - LONG_AGO)
    for age, uses in (("never", 0), ("hour", 0), ("never", 1)):
        join_links.make(kitchen, by=bob, age=age, uses="1")
        JoinLink.objects.filter(pk=JoinLink.objects.latest("pk").pk).update(uses=uses)
    JoinLink.objects.filter(expires_at__isnull=False).update(expires_at=timezone.now() - LONG_AGO)
    JoinLink.objects.update(made_at=timezone.now() - LONG_AGO)
    client.post("/accounts/login/", {"username": "bob", "password": "guess"})
    AccessAttempt.objects.update(attempt_time=timezone.now() - LONG_AGO)
    call_command("tidy")
    assert [session.session_key for session in Session.objects.all()] == [client.session.session_key]
    assert [row.user for row in Presence.objects.all()] == [alice]
    assert list(Invitation.objects.all()) == [fresh]
    assert not AccessAttempt.objects.exists()
    assert JoinLink.objects.get().uses == 0 and JoinLink.objects.get().expires_at is None


def test_access_changes_are_kept_for_an_hour():
    old, new = (AccessChange.objects.create(session_key=key) for key in ("old", "new"))
    AccessChange.objects.filter(pk=old.pk).update(at=timezone.now() - LONG_AGO)
    call_command("tidy")
    assert list(AccessChange.objects.all()) == [new]
