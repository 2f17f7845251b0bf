"""A decision for the whole site also counts in a room that is created at the same moment."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from chat.actions import rooms, rules, sanctions
from chat.models import Room

DECISIONS = {
    "mute": lambda alice, root: sanctions.impose("mute", alice, by=root, reason="Spam"),
    "rule": lambda alice, root: rules.add(None, by=root, pattern="spam", effect="refuse"),
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", DECISIONS)
def test_a_decision_for_all_rooms_waits_for_a_room_that_is_being_created(alice, root, kind):
    created, decided = threading.Event(), threading.Event()

    def create():
        with transaction.atomic():
            room = rooms.create("Attic", by=alice)
            created.set()
            decided.wait(0.5)  # it must not end before this transaction
        connection.close()
        return room

    def decide():
        created.wait()
        DECISIONS[kind](alice, root)
        decided.set()
        connection.close()

    with ThreadPoolExecutor(2) as pool:
        room, decision = pool.submit(create), pool.submit(decide)
        assert decision.result() is None
        assert Room.objects.get(pk=room.result().pk).decisions == 1


@pytest.mark.django_db
def test_posts_in_a_new_room_read_the_rules_of_the_site(alice, root):
    assert rooms.create("Attic", by=alice).decisions == 0
    rules.add(None, by=root, pattern="spam", effect="refuse")
    assert rooms.create("Cellar", by=alice).decisions == 1
