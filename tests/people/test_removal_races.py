"""Removals, ignored people and mentions at the same moment lock rows in one order, so none of them fails."""

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from chat.actions import members
from chat.actions.ignoring import ignore
from chat.actions.messages import Draft, post
from chat.models import Membership, Room, User

PEOPLE = 4
ROOMS = 3


@pytest.fixture
def crowd(kitchen, bob):
    """People who are members of the same rooms, in which Bob is the owner."""
    people = [User.objects.create_user(f"person{n}", name=f"Person {n}") for n in range(PEOPLE)]
    rooms = [Room.objects.create(slug=f"room-{n}", name=f"Room {n}") for n in range(ROOMS)]
    Membership.objects.bulk_create(Membership(room=room, user=user) for room in rooms for user in people)
    Membership.objects.bulk_create(Membership(room=room, user=bob, role=Membership.OWNER) for room in rooms)
    return people, rooms


@pytest.mark.django_db(transaction=True)
def test_removals_ignoring_and_mentions_at_the_same_moment_all_succeed(crowd, bob):
    people, rooms = crowd
    everyone = " ".join(f"<@{user.pk}>" for user in people)
    post([Draft(room.pk, bob.pk, uuid.uuid4(), everyone) for room in rooms])
    chosen = Membership.objects.filter(user__in=people[:2]).select_related("room", "user")
    backwards = list(chosen.order_by("-room", "-user"))
    at_once(
        lambda: members.remove_all(backwards, by=bob),
        lambda: members.remove_all(list(reversed(backwards)), by=bob),
        lambda: [members.remove(room, people[2], by=bob) for room in reversed(rooms)],
        lambda: [ignore(user, bob, on) for on in (True, False) for user in reversed(people)],
        lambda: [post([Draft(room.pk, bob.pk, uuid.uuid4(), everyone)]) for room in rooms],
    )
    left = Membership.objects.filter(room__in=rooms).exclude(user=bob)
    assert set(left.values_list("user", flat=True)) == {people[3].pk}


@pytest.mark.django_db
def test_a_removal_and_a_changed_list_of_ignored_people_are_noted(crowd, bob):
    people, rooms = crowd
    members.remove(rooms[0], people[0], by=bob)
    ignore(people[1], bob, True)
    noted = User.objects.exclude(rooms_changed_at=None).values_list("pk", flat=True)
    assert set(noted) == {people[0].pk, people[1].pk}


def at_once(*actions):
    """Run the callables at the same time. Raises what one of them raises."""

    def run(action):
        try:
            action()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(actions)) as pool:
        list(pool.map(run, actions))
