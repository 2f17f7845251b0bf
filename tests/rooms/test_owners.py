"""An owner hands a room over, leaves it without an owner, and archives it."""

import pytest

from chat.actions import members, ownership, sanctions
from chat.models import AuditEntry, Membership, Room, User
from chat.refusals import Refusal
from tests.at_once import at_once


def role_of(room, user):
    return room.memberships.filter(user=user).values_list("role", flat=True).first()


def owners(room):
    return set(room.memberships.filter(role=Membership.OWNER).values_list("user", flat=True))


@pytest.mark.django_db
def test_an_owner_hands_the_room_over_after_a_confirmation(as_person, vault, alice, dewi):
    owner = as_person(dewi)
    asked = owner.post("/rooms/vault/edit/owner/", {"name": "Alice"}).content.decode()
    assert "over to <bdi>Alice</bdi>?" in asked and role_of(vault, alice) == Membership.MEMBER
    done = owner.post("/rooms/vault/edit/owner/", {"name": "alice", "confirmed": "1"}, follow=True)
    assert "Alice owns Vault now. You are a moderator." in done.content.decode()
    assert (role_of(vault, alice), role_of(vault, dewi)) == (Membership.OWNER, Membership.MODERATOR)
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor_name, entry.person_name) == ("hand_over", "Dewi", "Alice")
    assert owner.get("/rooms/vault/edit/").status_code == 403


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["Nobody", "charlie", "Gus", "dewi", ""])
def test_only_another_member_with_an_account_can_be_chosen(as_person, vault, charlie, dewi, name):
    members.add(vault, User.objects.create_user("guest:1", name="Gus", is_guest=True), by=dewi)
    fields = {"name": name, "confirmed": "1"}
    assert as_person(dewi).post("/rooms/vault/edit/owner/", fields).status_code == 422
    assert owners(vault) == {dewi.pk}


@pytest.mark.django_db
def test_the_action_refuses_everybody_who_is_not_an_owner_and_everybody_who_cannot_be_one(
    as_person, vault, alice, bob, charlie, dewi
):
    root = User.objects.create_superuser("rut")
    gus = User.objects.create_user("guest:1", name="Gus", is_guest=True)
    members.add(vault, gus, by=dewi)
    for person, by, code in [
        (alice, bob, "not_your_room"),
        (alice, root, "not_your_room"),
        (dewi, dewi, "not_yourself"),
        (charlie, dewi, "no_person"),
        (gus, dewi, "guest_owner"),
    ]:
        assert refusal(lambda: ownership.hand_over(vault, person, by=by)) == code  # noqa: B023
    sanctions.impose("ban", alice, by=dewi, room=vault, reason="Adverts")
    assert refusal(lambda: ownership.hand_over(vault, alice, by=dewi)) == "no_person"
    assert as_person(bob).get("/rooms/vault/edit/owner/").status_code == 403
    assert owners(vault) == {dewi.pk}


@pytest.mark.django_db
def test_the_last_owner_is_asked_to_hand_over_and_may_leave_the_room_without_an_owner(as_person, vault, dewi):
    owner = as_person(dewi)
    asked = owner.post("/rooms/vault/leave/")
    assert asked.status_code == 409
    for words in ("You are the only owner", "Hand the room over", "Leave it without an owner"):
        assert words in asked.content.decode()
    assert owner.post("/rooms/vault/leave/", {"abandons": "1"})["Location"] == "/"
    assert owners(vault) == set() and role_of(vault, dewi) is None
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.details) == ("change_members", {"before": "owner", "after": None})


@pytest.mark.django_db
def test_a_manager_cannot_remove_the_last_owner_by_the_same_way(vault, dewi):
    root = User.objects.create_superuser("rut")
    assert refusal(lambda: members.remove(vault, dewi, by=root, abandons=True)) == "last_owner"
    assert owners(vault) == {dewi.pk}


@pytest.mark.django_db
def test_an_owner_archives_the_room_after_a_confirmation_and_uses_it_again(as_person, vault, bob, dewi):
    owner = as_person(dewi)
    assert "Archive <bdi>Vault</bdi>?" in owner.get("/rooms/vault/edit/archive/").content.decode()
    refused = owner.post("/rooms/vault/edit/archive/", {"do": "archive", "reason": "x" * 201})
    assert refused.status_code == 422 and "x" * 201 in refused.content.decode()
    owner.post("/rooms/vault/edit/archive/", {"do": "archive", "reason": "We moved to Cellar."})
    vault.refresh_from_db()
    assert vault.archived_at and vault.notice == "We moved to Cellar."
    assert "Archived" in as_person(bob).get("/rooms/vault/about/").content.decode()
    owner.post("/rooms/vault/edit/archive/", {"do": "unarchive"})
    vault.refresh_from_db()
    assert vault.archived_at is None
    assert as_person(bob).post("/rooms/vault/edit/archive/", {"do": "archive"}).status_code == 403


def test_of_two_hand_overs_at_the_same_moment_one_counts(site, vault, alice, bob, dewi):
    done = at_once(site, hand_over, [(vault.pk, person.pk, dewi.pk) for person in (alice, bob)])
    assert sorted(done) == ["done", "not_your_room"]
    assert len(owners(vault)) == 1 and role_of(vault, dewi) == Membership.MODERATOR


def test_a_room_keeps_an_owner_when_the_chosen_person_leaves_at_the_same_moment(site, vault, alice, dewi):
    done = at_once(site, act, [("hand over", vault.pk, alice.pk, dewi.pk), ("leave", vault.pk, alice.pk, 0)])
    assert done in (["done", "last_owner"], ["no_person", "done"])
    assert owners(vault) == ({alice.pk} if done[0] == "done" else {dewi.pk})


def act(what, room_id, person_id, by_id):
    return hand_over(room_id, person_id, by_id) if what == "hand over" else leave(room_id, person_id)


def hand_over(room_id, person_id, by_id):
    by, person = User.objects.get(pk=by_id), User.objects.get(pk=person_id)
    ownership.hand_over(Room.objects.get(pk=room_id), person, by=by)
    return "done"


def leave(room_id, user_id):
    user = User.objects.get(pk=user_id)
    members.remove(Room.objects.get(pk=room_id), user, by=user)
    return "done"


def refusal(act):
    with pytest.raises(Refusal) as refused:
        act()
    return refused.value.code
