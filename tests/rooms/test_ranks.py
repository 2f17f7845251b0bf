"""The rights of each rank in a room, by the table of `chat/ranks.py`."""

import pytest

from chat import ranks
from chat.actions import descriptions, join_links, modes, ownership
from chat.actions.changes import Pin
from chat.actions.messages import post
from chat.models import Membership, User
from chat.ranks import LOWEST, MUTUAL, Rank
from chat.refusals import Refusal

pytestmark = pytest.mark.django_db
ROLES = {rank: role for role, rank in ranks.ROLES.items()}


def pin(room, by, _):
    (done,) = post([Pin(room.pk, by.pk, 1, True)])
    if isinstance(done, Refusal):
        raise done


ACTS = {
    "pin": pin,
    "invite": lambda room, by, _: join_links.make(room, by=by, age="day", uses="1"),
    "change_room": lambda room, by, _: descriptions.describe(room, by=by, description="Tea"),
    "archive_room": lambda room, by, _: modes.archive(room, by=by),
}


def person_of(rank, room):
    staff, superuser = rank >= Rank.SITE_MODERATOR, rank == Rank.ADMINISTRATOR
    person = User.objects.create_user("person", is_staff=staff, is_superuser=superuser)
    if rank in ROLES:
        Membership.objects.create(room=room, user=person, role=ROLES[rank])
    return person


@pytest.mark.parametrize("action", ACTS)
@pytest.mark.parametrize("rank", Rank)
def test_an_action_needs_the_rank_of_the_table(kitchen, alice, bob, say, action, rank):
    say(kitchen, alice, "One")
    try:
        ACTS[action](kitchen, person_of(rank, kitchen), alice)
        done = True
    except Refusal as refusal:
        assert refusal.code in ("not_allowed", "not_your_room")
        done = False
    assert done == (rank >= LOWEST[action])


@pytest.mark.parametrize("rank", Rank)
def test_only_an_owner_hands_a_room_over(kitchen, bob, rank):
    try:
        ownership.hand_over(kitchen, bob, by=person_of(rank, kitchen))
        done = True
    except Refusal as refusal:
        assert refusal.code == "not_your_room"
        done = False
    assert done == (rank == Rank.ROOM_OWNER)


@pytest.mark.parametrize("action", sorted(ranks.ON_PERSONS))
def test_among_equals_only_administrators_decide_and_only_about_accounts_and_cases(action):
    def may(by):
        try:
            ranks.require(action, by, on=by)
        except Refusal:
            return False
        return True

    assert [rank for rank in Rank if may(rank)] == ([Rank.ADMINISTRATOR] if action in MUTUAL else [])
    assert {"deactivate", "delete_person", "decide_case"} == MUTUAL
