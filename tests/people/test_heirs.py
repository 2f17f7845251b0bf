"""The rooms of an owner who deletes the account."""

import pytest

from chat.actions import heirs, leaving, sanctions
from chat.models import AuditEntry, Membership, Room, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def mine(alice, bob, charlie, kitchen):
    """Alice owns the kitchen, Bob moderates it, and Charlie joined."""
    Membership.objects.filter(room=kitchen, user=alice).update(role=Membership.OWNER)
    Membership.objects.create(room=kitchen, user=charlie)
    return kitchen


def owners(room):
    found = Membership.objects.filter(room=room, role=Membership.OWNER)
    return list(found.values_list("user__name", flat=True))


def test_the_moderator_becomes_the_owner(mine, alice):
    leaving.delete_account(alice)
    assert owners(mine) == ["Bob"]
    entry = AuditEntry.objects.get(action="change_members")
    assert (entry.person_name, entry.actor_id, entry.reason) == ("Bob", None, heirs.REASON)


def test_without_a_moderator_it_is_the_first_member_and_guests_only_if_nobody_else_is_there(mine, alice, bob):
    Membership.objects.filter(user=bob).delete()
    early = User.objects.create(username="guest:ayu", name="Ayu", is_guest=True)
    Membership.objects.create(room=mine, user=early)
    Membership.objects.filter(user=early).update(joined_at="2020-01-01T00:00Z")
    leaving.delete_account(alice)
    assert owners(mine) == ["Charlie"]
    leaving.delete_account(User.objects.get(name="Charlie"))
    assert owners(mine) == ["Ayu"]


def test_nobody_who_is_banned_becomes_the_owner(mine, alice, bob):
    sanctions.impose("ban", bob, by=User.objects.create_superuser("root"), room=mine, reason="Spam")
    leaving.delete_account(alice)
    assert owners(mine) == ["Charlie"]


def test_another_owner_stays_alone(mine, alice, charlie):
    Membership.objects.filter(user=charlie).update(role=Membership.OWNER)
    leaving.delete_account(alice)
    assert owners(mine) == ["Charlie"]


def test_a_private_room_that_nobody_can_open_any_more_is_archived(alice):
    room = Room.objects.create(slug="own", name="Own", kind=Room.PRIVATE)
    Membership.objects.create(room=room, user=alice, role=Membership.OWNER)
    leaving.delete_account(alice)
    room.refresh_from_db()
    assert room.archived_at
