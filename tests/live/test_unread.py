"""What a person reads and marks as unread in a room shows in the lobby of every device within two seconds."""

import contextlib
import time
import uuid

import pytest
from django.db.utils import OperationalError

from chat.actions.messages import Draft, post
from chat.actions.reading import mark_read, mark_unread
from chat.live import database
from chat.live.writing import read_marks
from chat.live.writing.read_marks import ReadMarks
from chat.models import Membership
from tests.wire import WITHIN, signed_in


def say(room, author, count):
    return post([Draft(room.pk, author.pk, uuid.uuid4(), f"Line {n}") for n in range(count)])


def mark_of(user, room):
    return Membership.objects.get(user=user, room=room).last_read


@contextlib.asynccontextmanager
async def at_two_devices(site, person):
    """A socket in the kitchen at one web process, and one in the lobby at another."""
    first, second = site.start(), site.start()
    async with (
        signed_in(first, person).open("kitchen") as room,
        signed_in(second, person).open_lobby() as lobby,
    ):
        await room.hello()
        await room.synced()
        await lobby.hello()
        await lobby.send("watch", rooms=["kitchen"], newest=None)
        yield room, lobby


async def expect_count(lobby, started, **fields):
    event = await lobby.expect("room", slug="kitchen", **fields)
    assert time.monotonic() - started < WITHIN
    return event


async def read_and_mark_unread(room, lobby):
    event = await lobby.expect("room", slug="kitchen", unread=5)
    assert event["unread_from"] == 1
    started = time.monotonic()
    await room.send("read", seq=5)
    assert "unread_from" not in await expect_count(lobby, started, unread=0)
    started = time.monotonic()
    await room.send("unread", seq=4)
    assert (await expect_count(lobby, started, unread=2))["unread_from"] == 4


async def test_a_room_that_is_read_on_one_device_is_read_on_the_other_and_so_is_a_mark(
    site, alice, bob, kitchen
):
    say(kitchen, bob, 5)
    async with at_two_devices(site, alice) as (room, lobby):
        await read_and_mark_unread(room, lobby)


async def test_counts_follow_while_redis_is_down(site, stack, alice, bob, kitchen):
    if not stack.full:
        pytest.skip("SQLite runs without Redis")
    say(kitchen, bob, 5)
    async with at_two_devices(site, alice) as (room, lobby):
        stack.valkey.kill()
        try:
            await read_and_mark_unread(room, lobby)
        finally:
            stack.valkey.start()


async def test_a_mark_as_unread_survives_what_another_tab_read_just_before(site, alice, bob, kitchen):
    say(kitchen, bob, 5)
    server = site.start()
    person = signed_in(server, alice)
    async with person.open("kitchen") as one, person.open("kitchen") as other:
        await one.hello()
        await other.hello()
        await other.send("read", seq=5)
        await other.ping()
        await one.send("unread", seq=3)
        await one.ping()
        server.terminate()  # the drain writes the marks
    assert mark_of(alice, kitchen) == 2


@pytest.mark.django_db
def test_a_mark_as_unread_moves_back_only_and_reading_moves_it_forward_again(alice, charlie, kitchen):
    key = kitchen.pk, alice.pk
    mark_read({key: 8})
    mark_unread({key: 5, (kitchen.pk, charlie.pk): 5})
    assert mark_of(alice, kitchen) == 4
    mark_unread({key: 7})
    assert mark_of(alice, kitchen) == 4
    mark_unread({key: 0})
    assert mark_of(alice, kitchen) == 0
    mark_read({key: 8})
    assert mark_of(alice, kitchen) == 8


@pytest.fixture
def written(monkeypatch):
    """What was written, in order. `written.unavailable(act)`: the next write calls `act` and fails."""

    class Written(list):
        failure = None

        def unavailable(self, act):
            self.failure = act

    written = Written()

    async def run(executor, work, marks):
        if failure := written.failure:
            written.failure = None
            failure()
            raise OperationalError("the database is unavailable")
        written.append((work.__name__, marks))

    monkeypatch.setattr(database, "run", run)
    return written


async def test_the_latest_of_reading_and_marking_as_unread_wins(written):
    marks = ReadMarks()
    marks.note(1, 1, 9)
    marks.note_unread(1, 1, 4)
    await marks.write()
    marks.note_unread(1, 1, 4)
    marks.note(1, 1, 9)
    await marks.write()
    assert written == [
        ("mark_unread", {(1, 1): 4}),
        ("mark_read", {(1, 1): 3}),
        ("mark_unread", {(1, 1): 4}),
        ("mark_read", {(1, 1): 9}),
    ]


async def test_a_mark_as_unread_during_a_failed_write_is_not_undone_by_the_older_mark(written):
    marks = ReadMarks()
    marks.note(1, 1, 9)
    marks.note(1, 2, 9)
    written.unavailable(lambda: marks.note_unread(1, 1, 4))
    with pytest.raises(OperationalError):
        await marks.write()
    await marks.write()
    assert written == [("mark_unread", {(1, 1): 4}), ("mark_read", {(1, 1): 3, (1, 2): 9})]


async def test_a_mark_as_unread_through_another_process_limits_the_mark_that_waits_here(written):
    marks = ReadMarks()
    marks.note(1, 1, 9)
    marks.limit(1, 1, 4)
    marks.limit(1, 2, 4)
    await marks.write()
    assert written == [("mark_read", {(1, 1): 3})]


async def test_many_marks_are_written_once_a_second_and_few_at_once(written, monkeypatch):
    now = 100.0
    monkeypatch.setattr(read_marks, "monotonic", lambda: now)
    marks = ReadMarks()
    await marks.write_if_due()
    for user in range(read_marks.MANY):
        marks.note(1, user, 1)
    await marks.write_if_due()
    assert written == []
    now += read_marks.WRITE_MANY_EVERY
    await marks.write_if_due()
    assert len(written) == 1
    marks.note(1, 1, 2)
    await marks.write_if_due()
    assert len(written) == 2
