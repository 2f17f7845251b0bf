"""A room always keeps an active owner, even when its owners act at the same moment."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from chat.actions import members, people, rooms, sanctions
from chat.models import Membership, Room, Sanction, User
from chat.refusals import Refusal
from tests.at_once import at_once


@pytest.fixture
def kebun(alice):
    return rooms.create("Kebun", by=alice)


@pytest.mark.django_db
def test_the_only_owner_can_neither_leave_nor_become_a_member(kebun, alice, bob):
    members.add(kebun, bob, Membership.MODERATOR, by=alice)
    for action in (
        lambda: members.remove(kebun, alice, by=alice),
        lambda: members.add(kebun, alice, Membership.MEMBER, by=alice),
    ):
        assert refusal_code(action) == "last_owner"
    assert owners(kebun) == {alice.pk}


@pytest.mark.django_db
def test_an_owner_can_leave_when_the_room_has_another_owner(kebun, alice, bob):
    members.add(kebun, bob, Membership.OWNER, by=alice)
    members.remove(kebun, alice, by=alice)
    assert owners(kebun) == {bob.pk}


@pytest.mark.django_db
def test_an_owner_with_a_deactivated_account_does_not_count(kebun, alice, bob):
    members.add(kebun, bob, Membership.OWNER, by=alice)
    User.objects.filter(pk=bob.pk).update(is_active=False)
    assert refusal_code(lambda: members.remove(kebun, alice, by=alice)) == "last_owner"


@pytest.mark.django_db
@pytest.mark.parametrize("room", ["this room", "the whole site"])
def test_an_owner_who_is_banned_does_not_count(kebun, alice, bob, room):
    members.add(kebun, bob, Membership.OWNER, by=alice)
    root = User.objects.create_superuser("rut")
    ban = sanctions.impose(
        Sanction.BAN, bob, by=root, room=kebun if room == "this room" else None, reason="Adverts"
    )
    for action in (
        lambda: members.remove(kebun, alice, by=alice),
        lambda: members.add(kebun, alice, Membership.MODERATOR, by=alice),
    ):
        assert refusal_code(action) == "last_owner"
    sanctions.lift(ban, by=root)
    members.remove(kebun, alice, by=alice)
    assert owners(kebun) == {bob.pk}


@pytest.mark.django_db
def test_the_only_owner_cannot_be_demoted_or_removed_in_the_admin(client, kebun, alice):
    client.force_login(User.objects.create_superuser("rut"))
    page = f"/admin/chat/membership/{kebun.memberships.get().pk}"
    client.post(f"{page}/change/", {"role": Membership.MEMBER})
    client.post(f"{page}/delete/", {"post": "yes"})
    chosen = {"chosen": kebun.memberships.get().pk}
    client.post("/admin/chat/membership/bulk/remove_selected/", chosen)
    assert owners(kebun) == {alice.pk}


@pytest.mark.django_db
def test_an_administrator_may_deactivate_the_only_owner_and_appoint_another(kebun, alice, bob):
    root = User.objects.create_superuser("rut")
    people.deactivate(alice, by=root)
    members.add(kebun, bob, Membership.OWNER, by=root)
    members.remove(kebun, alice, by=root)
    assert owners(kebun) == {bob.pk}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", range(5))
def test_when_two_owners_leave_at_the_same_moment_one_stays(kebun, alice, bob, turn):
    members.add(kebun, bob, Membership.OWNER, by=alice)
    results = run_concurrently(
        lambda: members.remove(kebun, alice, by=alice),
        lambda: members.remove(kebun, bob, by=bob),
    )
    assert sorted(results) == ["done", "last_owner"] and len(owners(kebun)) == 1


def test_when_the_owners_leave_at_the_same_moment_in_two_processes_one_stays(site, alice, bob, charlie):
    kebun = rooms.create("Kebun", by=alice)
    for person in (bob, charlie):
        members.add(kebun, person, Membership.OWNER, by=alice)
    done = at_once(site, leave, [(kebun.pk, person.pk) for person in (alice, bob, charlie)])
    assert sorted(done) == ["done", "done", "last_owner"] and len(owners(kebun)) == 1


def leave(room_id, user_id):
    room, user = Room.objects.get(pk=room_id), User.objects.get(pk=user_id)
    members.remove(room, user, by=user)
    return "done"


@pytest.mark.django_db(transaction=True)
def test_when_two_owners_demote_each_other_at_the_same_moment_one_stays_an_owner(kebun, alice, bob):
    members.add(kebun, bob, Membership.OWNER, by=alice)
    results = run_concurrently(
        lambda: members.add(kebun, bob, Membership.MEMBER, by=alice),
        lambda: members.add(kebun, alice, Membership.MEMBER, by=bob),
    )
    assert results.count("done") == 1 and len(owners(kebun)) == 1


@pytest.mark.django_db
def test_leaving_a_room_asks_for_confirmation(client, kebun, alice, bob):
    members.add(kebun, bob, by=alice)
    client.force_login(bob, backend="django.contrib.auth.backends.ModelBackend")
    assert 'href="/rooms/kebun/leave/"' in client.get("/rooms/kebun/about/").content.decode()
    confirmation = client.get("/rooms/kebun/leave/").content.decode()
    assert "Leave <bdi>Kebun</bdi>?" in confirmation and kebun.members.contains(bob)
    assert client.post(f"/rooms/kebun/members/{bob.pk}/remove/")["Location"] == "/rooms/kebun/leave/"
    assert kebun.members.contains(bob)
    left = client.post("/rooms/kebun/leave/", follow=True)
    assert "You left Kebun" in left.content.decode() and not kebun.members.contains(bob)


@pytest.mark.django_db
def test_the_only_owner_is_told_to_appoint_another_before_leaving(client, kebun, alice):
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.post("/rooms/kebun/leave/")
    assert answer.status_code == 409
    assert "You are the only owner of this room." in answer.content.decode()
    answer = client.post("/rooms/kebun/members/", {"name": "Alice", "role": "member"})
    assert answer.status_code == 422 and "Make somebody else an owner" in answer.content.decode()
    assert owners(Room.objects.get()) == {alice.pk}


def owners(room):
    return set(room.memberships.filter(role=Membership.OWNER).values_list("user", flat=True))


def refusal_code(action):
    with pytest.raises(Refusal) as refused:
        action()
    return refused.value.code


def run_concurrently(*actions):
    """Run the callables concurrently. Return "done" or the code of the refusal for each."""

    def run(action):
        try:
            action()
            return "done"
        except Refusal as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(run, actions))
