"""Each kind of change is noticed by the next beat, for the sockets that it concerns."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone

from chat.models import AccessChange, Room, Sanction, User
from tests.live.sockets import IdleSocket, settle

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
ADDRESS = "192.0.2.7"


def sql(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


CHANGES = {
    "a logout": lambda socket, user: sql("DELETE FROM django_session WHERE session_key = %s", socket.key),
    "an ended session": lambda socket, user: Session.objects.filter(pk=socket.key).update(
        expire_date=timezone.now() - HOUR
    ),
    "a deactivation": lambda socket, user: User.objects.filter(pk=user.pk).update(is_active=False),
    "a new password": lambda socket, user: User.objects.filter(pk=user.pk).update(password="x"),
    "a deleted account": lambda socket, user: User.objects.get(pk=user.pk).delete(),
    "a removal from a private room": lambda socket, user: sql(
        "DELETE FROM chat_membership WHERE user_id = %s", user.pk
    ),
    "a ban": lambda socket, user: Sanction.objects.create(kind=Sanction.BAN, person=user, reason="Spam"),
    "a ban of an address": lambda socket, user: Sanction.objects.create(
        kind=Sanction.BAN, address=ADDRESS, reason="Spam"
    ),
    "an updated ban": lambda socket, user: Sanction.objects.filter(reason="Over").update(
        ended_at=None, person=user
    ),
    "an address that is banned": lambda socket, user: User.objects.filter(pk=user.pk).update(
        entry_ip="192.0.2.8"
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_the_next_beat_closes_the_sockets_that_a_change_concerns(process, checked, alice, bob, vault, change):
    """Of a person who had a sanction before: then only the table of sanctions changes."""
    for fields in (
        {"reason": "Over", "ended_at": timezone.now()},
        {"address": "192.0.2.8", "reason": "Spam"},
    ):
        Sanction.objects.create(kind=Sanction.BAN, **fields)
    User.objects.filter(pk=alice.pk).update(is_sanctioned=True, entry_ip=ADDRESS, is_guest=True)
    socket, other = IdleSocket(process, alice, vault), IdleSocket(process, bob, vault)
    settle(process, checked)
    assert socket.refused is None
    change(socket, alice)
    process.beat()
    assert socket.refused and other.refused is None
    checked.clear()
    process.beat()
    assert not checked  # once is enough


def test_the_next_beat_closes_the_sockets_of_outsiders_when_a_room_becomes_private(
    process, checked, alice, charlie, kitchen
):
    inside, outside = IdleSocket(process, alice, kitchen), IdleSocket(process, charlie, kitchen)
    process.open_feed(kitchen)
    settle(process, checked)
    Room.objects.filter(pk=kitchen.pk).update(kind=Room.PRIVATE)
    process.beat()
    assert (inside.refused, outside.refused) == (None, "removed")


def test_the_sockets_of_a_room_learn_the_number_of_its_decisions(process, checked, alice, bob, kitchen):
    """Otherwise each post reads the author again."""
    here, lobby = IdleSocket(process, alice, kitchen), IdleSocket(process, bob)
    process.open_feed(kitchen)
    settle(process, checked)
    Room.objects.decide(None)
    process.beat()
    assert here.decisions == kitchen.decisions + 1
    assert checked == [{here}] and lobby.refused is None


@pytest.mark.parametrize("field", ["name", "picture"])
def test_a_new_name_or_picture_reaches_the_identity_of_the_sockets(process, checked, alice, field):
    socket = IdleSocket(process, alice)
    settle(process, checked)
    sql(f"UPDATE chat_user SET {field} = 'abc' WHERE id = %s", alice.pk)
    process.beat()
    assert "abc" in (socket.identity.user.name, (socket.identity.user.avatar or "").partition("-")[2])


def test_a_mute_is_told_until_it_is_deleted_and_ends_by_the_clock(process, checked, alice, kitchen):
    User.objects.filter(pk=alice.pk).update(is_sanctioned=True)
    socket, other = IdleSocket(process, alice, kitchen), IdleSocket(process, alice)
    settle(process, checked)
    mute = Sanction.objects.create(kind=Sanction.MUTE, person=alice, reason="Spam")
    process.beat()
    assert socket.sanctions.keys() == other.sanctions.keys() == {mute.pk}
    Sanction.objects.filter(pk=mute.pk).update(ends_at=timezone.now())
    AccessChange.objects.all().delete()  # the time comes without a change
    process.beat()
    assert socket.sanctions == {}
    settle(process, checked)
    process.beat()
    assert not checked
