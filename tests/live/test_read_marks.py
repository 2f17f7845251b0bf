"""Read marks only move forward, are stored in one statement, and survive an outage of the database."""

import pytest
from django.db.utils import OperationalError

from chat.actions.reading import mark_read, mark_unread
from chat.live import database
from chat.live.writing import read_marks
from chat.live.writing.read_marks import ReadMarks
from chat.models import Membership, Room


def marks_of(user):
    return dict(Membership.objects.filter(user=user).values_list("room__slug", "last_read"))


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 300])
def test_any_number_of_marks_takes_one_query(django_assert_num_queries, alice, count):
    rooms = Room.objects.bulk_create(Room(slug=f"room-{n}", name=f"Room {n}") for n in range(count))
    Membership.objects.bulk_create(Membership(room=room, user=alice) for room in rooms)
    with django_assert_num_queries(1 + 2):  # two for the savepoint: the test runs in a transaction
        mark_read({(room.pk, alice.pk): 7 for room in rooms})
    assert set(marks_of(alice).values()) == {7}


@pytest.mark.django_db
def test_a_mark_never_moves_back_and_outsiders_have_none(alice, charlie, kitchen, vault):
    mark_read({(kitchen.pk, alice.pk): 5, (vault.pk, alice.pk): 2})
    mark_read({(kitchen.pk, alice.pk): 3, (vault.pk, alice.pk): 4, (kitchen.pk, charlie.pk): 9})
    assert marks_of(alice) == {"kitchen": 5, "vault": 4}
    assert marks_of(charlie) == {}


async def test_marks_are_kept_while_the_database_is_unavailable(monkeypatch):
    written, unavailable = [], True

    async def run(executor, work, pending):
        if unavailable:
            marks.note(1, 1, 8)  # the user reads more messages during the write
            raise OperationalError("the database is unavailable")
        written.append(pending)

    monkeypatch.setattr(database, "run", run)
    marks = ReadMarks()
    marks.note(1, 1, 5)
    marks.note(1, 2, 6)
    with pytest.raises(OperationalError):
        await marks.write()
    unavailable = False
    await marks.write()
    await marks.write()
    assert written == [{(1, 1): 8, (1, 2): 6}]


def test_the_number_of_marks_is_bounded(monkeypatch):
    monkeypatch.setattr(read_marks, "MAX_KEPT", 2)
    marks = ReadMarks()
    for user in range(3):
        marks.note(1, user, 1)
    marks.note(1, 0, 2)
    assert marks._marks == {(1, 0): 2, (1, 1): 1}


@pytest.fixture
def written(monkeypatch):
    """The calls that a `write` makes, while the database takes them."""
    calls = []

    async def run(executor, work, pending):
        calls.append((work, pending))

    monkeypatch.setattr(database, "run", run)
    return calls


async def test_messages_marked_as_unread_stay_unread_though_they_were_read_a_moment_ago(written):
    marks = ReadMarks()
    marks.note(1, 1, 9)
    marks.note_unread(1, 1, 6)
    await marks.write()
    assert written == [(mark_unread, {(1, 1): 6}), (mark_read, {(1, 1): 5})]


async def test_messages_read_after_they_were_marked_as_unread_are_read(written):
    marks = ReadMarks()
    marks.note_unread(1, 1, 6)
    marks.note(1, 1, 9)
    await marks.write()
    assert written == [(mark_unread, {(1, 1): 6}), (mark_read, {(1, 1): 9})]


async def test_messages_marked_as_unread_during_an_outage_are_not_read_by_an_older_mark(monkeypatch, written):
    marks = ReadMarks()
    marks.note(1, 1, 9)

    async def fail(executor, work, pending):
        marks.note_unread(1, 1, 6)
        raise OperationalError("the database is unavailable")

    with monkeypatch.context() as patch, pytest.raises(OperationalError):
        patch.setattr(database, "run", fail)
        await marks.write()
    await marks.write()
    assert written == [(mark_unread, {(1, 1): 6}), (mark_read, {(1, 1): 5})]
