"""Accounts that are deleted while something else happens to them."""

import uuid

from chat.actions import leaving
from chat.actions.messages import Draft, post
from chat.models import Membership, Message, Room, User
from chat.refusals import Refusal
from tests.at_once import at_once

ROUNDS = 5


def leave_or_post(person_id, room_id, is_post):
    if not is_post:
        leaving.delete_account(User.objects.get(pk=person_id))
        return "deleted"
    [result] = post([Draft(room_id, person_id, uuid.uuid4(), "Hello")])
    return result.code if isinstance(result, Refusal) else "posted"


def test_a_post_at_the_same_moment_is_stored_before_the_deletion_or_refused(site, alice, bob, kitchen):
    for _ in range(ROUNDS):
        person = User.objects.create_user(f"p{uuid.uuid4().hex[:8]}")
        Membership.objects.create(room=kitchen, user=person, role=Membership.OWNER)
        calls = [(person.pk, kitchen.pk, True)] * 3 + [(person.pk, kitchen.pk, False)] * 2
        results = at_once(site, leave_or_post, calls)
        assert sorted(results[3:]) == ["deleted", "sign_in"], results
        assert set(results[:3]) <= {"posted", "no_room"}, results
        assert Message.objects.filter(author=person).count() == results.count("posted")
        assert User.objects.get(pk=person.pk).name == "Deleted account"


def leave(person_id):
    leaving.delete_account(User.objects.get(pk=person_id))
    return "deleted"


def test_of_two_administrators_who_leave_at_the_same_moment_one_stays(site):
    for turn in range(ROUNDS):
        User.objects.update(is_superuser=False)
        pair = [User.objects.create_superuser(f"root{turn}{name}").pk for name in "ab"]
        assert sorted(at_once(site, leave, [(pk,) for pk in pair])) == ["deleted", "last_administrator"]


def test_of_an_owner_and_the_heir_who_leave_at_the_same_moment_neither_stays_the_owner(
    site, alice, bob, charlie
):
    for turn in range(ROUNDS):
        room = Room.objects.create(slug=f"r{turn}", name=f"Room {turn}")
        roles = (Membership.OWNER, Membership.MODERATOR, Membership.MEMBER)
        people = [User.objects.create_user(f"p{turn}{role}") for role in roles]
        for person, role in zip(people, roles, strict=True):
            Membership.objects.create(room=room, user=person, role=role)
        assert at_once(site, leave, [(person.pk,) for person in people[:2]]) == ["deleted"] * 2
        assert list(room.memberships.values_list("user", "role")) == [(people[2].pk, Membership.OWNER)]
