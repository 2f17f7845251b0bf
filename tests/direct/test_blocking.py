"""Blocking closes the conversation of the two, in one lock with every post, and a post costs nothing more."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat import frames
from chat.actions import blocking, direct, ignoring
from chat.actions.changes import Edit, React
from chat.actions.messages import Draft, post
from chat.models import Membership, Message, Room, User
from tests.at_once import at_once


@pytest.mark.django_db
def test_nobody_of_the_two_writes_until_the_block_ends(pair, alice, bob, say):
    (message,) = say(pair, bob, "Hello")
    assert blocking.block(alice, bob, True) == [bob.pk]
    assert say(pair, bob, "Again") == say(pair, alice, "No") == ["blocked"]
    changes = [Edit(pair.pk, bob.pk, message.seq, "Bye"), React(pair.pk, alice.pk, message.seq, "👍", True)]
    assert [refusal.code for refusal in post(changes)] == ["blocked"] * 2
    assert frames.room_state(Room.objects.get(pk=pair.pk)).blocked
    assert blocking.block(alice, bob, False) == []
    assert [one.text for one in say(pair, bob, "Sorry")] == ["Sorry"]


@pytest.mark.django_db
def test_it_stays_closed_while_the_other_blocks(pair, alice, bob, say):
    blocking.block(alice, bob, True)
    blocking.block(bob, alice, True)
    blocking.block(alice, bob, False)
    assert say(pair, alice, "Hello") == ["blocked"]
    blocking.block(bob, alice, False)
    assert say(pair, alice, "Hello")[0] != "blocked"


@pytest.mark.django_db
def test_a_repetition_has_no_effect_and_rooms_and_groups_stay_open(pair, alice, bob, charlie, kitchen, say):
    Membership.objects.create(room=kitchen, user=charlie)
    group = direct.open_direct([bob, charlie], by=alice)
    for _ in range(2):
        blocking.block(alice, bob, True)
    alice.refresh_from_db()
    assert (alice.ignored, alice.blocked) == ([bob.pk], [bob.pk])
    for room in (kitchen, group):
        assert say(room, bob, "Hello") != ["blocked"]


@pytest.mark.django_db
def test_to_stop_ignoring_a_blocked_person_ends_the_block(pair, alice, bob, log_in):
    blocking.block(alice, bob, True)
    alice.refresh_from_db()
    with pytest.raises(ignoring.Refusal, match="Stop blocking"):
        ignoring.ignore(alice, bob, False)
    log_in(alice).post(f"/people/{bob.pk}/ignore/", {"on": "0"})
    alice.refresh_from_db()
    assert (alice.ignored, alice.blocked) == ([], [])
    assert not Room.objects.get(pk=pair.pk).is_blocked


@pytest.mark.django_db
def test_the_page_says_so_in_place_of_the_composer(pair, alice, bob, log_in):
    blocking.block(alice, bob, True)
    for person in (alice, bob):
        page = log_in(person).get(f"/rooms/{pair.slug}/").content.decode()
        assert "Nobody can write here, because one of you blocked the other." in page


@pytest.mark.django_db
def test_a_post_takes_as_many_queries_as_in_a_private_room(pair, vault, alice, bob):
    def queries(room):
        room.refresh_from_db()
        draft = Draft(room.pk, alice.pk, uuid.uuid4(), "Hi", author=alice, known_decisions=room.decisions)
        with CaptureQueriesContext(connection) as captured:
            post([draft])
        return len(captured)

    assert queries(pair) == queries(vault)


def write(room_id, author_id):
    results = [post([Draft(room_id, author_id, uuid.uuid4(), f"Hello {n}")])[0] for n in range(10)]
    return [getattr(result, "code", "stored") for result in results]


def block(user_id, other_id):
    user, other = User.objects.get(pk=user_id), User.objects.get(pk=other_id)
    blocking.block(user, other, True)
    return Message.objects.count()


def start(by_id, *other_ids):
    return direct.open_direct(User.objects.filter(pk__in=other_ids), by=User.objects.get(pk=by_id)).slug


def act(name, *ids):
    return {"write": write, "block": block, "start": start}[name](*ids)


def test_no_message_is_stored_after_a_block(site, pair, alice, bob):
    written, counted = at_once(site, act, [("write", pair.pk, bob.pk), ("block", alice.pk, bob.pk)])
    assert written == sorted(written, reverse=True), "stored, then blocked, and nothing stored again"
    assert write(pair.pk, bob.pk) == ["blocked"] * 10
    assert written.count("stored") == Message.objects.count() == counted or counted <= Message.objects.count()


def test_two_processes_start_the_same_conversation_once(site, kitchen, alice, bob):
    calls = [("start", alice.pk, bob.pk), ("start", bob.pk, alice.pk)] * 4
    slugs = at_once(site, act, calls)
    assert len(set(slugs)) == 1 and Room.objects.direct().count() == 1
    assert Membership.objects.filter(room__kind="direct").count() == 2


def test_a_start_and_a_block_at_once_never_leave_an_open_conversation(site, kitchen, alice, bob):
    at_once(site, act, [("start", bob.pk, alice.pk), ("block", alice.pk, bob.pk)])
    assert all(Room.objects.direct().values_list("is_blocked", flat=True))
