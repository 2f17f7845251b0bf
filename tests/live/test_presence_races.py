"""Presence under concurrency: the rows match the people with open connections."""

import asyncio
import contextlib
import random
from collections import Counter
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.db import connections
from django.db.utils import OperationalError

from chat import frames
from chat.live import database
from chat.live.feeds import presence, presence_rows, presence_sync
from chat.live.feeds.feeds import Feeds
from chat.live.feeds.presence import Presences
from chat.live.feeds.presence_sync import PresenceSync
from chat.models import Presence, Room, User

ROOMS, PEOPLE = 4, 12


class SilentLayer:
    def tell_others(self, group, hint):
        pass


@pytest.fixture
def people(transactional_db):
    return [frames.user(User.objects.create_user(f"p{n}", name=f"P{n}")) for n in range(PEOPLE)]


@pytest.fixture
def rooms(transactional_db):
    return [Room.objects.create(slug=f"r{n}", name=f"R{n}").pk for n in range(ROOMS)]


@pytest.fixture
def sync(monkeypatch, threads):
    monkeypatch.setattr(presence, "LEAVE_AFTER", 0.002)
    layer = SilentLayer()
    return PresenceSync(uuid4(), Presences(), Feeds(layer), layer)


def rows(sync):
    found = set(Presence.objects.filter(process=sync._process).values_list("room", "user"))
    connections.close_all()  # the coroutine's own connection, which no fixture closes
    return found


async def test_a_user_who_leaves_and_returns_before_the_rows_are_written_keeps_the_row(sync, people, rooms):
    here, ayu = sync._presence, people[0]
    here.arrive(rooms[0], ayu)
    await sync.sync()
    here.leave(rooms[0], ayu.id)
    while here.people(rooms[0]):
        await asyncio.sleep(0.001)
    here.arrive(rooms[0], ayu)
    await sync.sync()
    assert rows(sync) == {(rooms[0], ayu.id)}


async def test_the_rows_match_the_people_after_joins_and_departures_during_writes(
    sync, people, rooms, monkeypatch
):
    """Real threads and a real database. Some writes fail; all rows are refreshed after each write."""
    monkeypatch.setattr(presence_sync, "REFRESH_EVERY", 0)
    chance, here, sockets, stop = random.Random(7), sync._presence, Counter(), False
    run = database.run

    async def unreliable(executor, work, *args):
        if work is presence_rows.store and chance.random() < 0.2:
            raise OperationalError("the database is unavailable")
        return await run(executor, work, *args)

    monkeypatch.setattr(database, "run", unreliable)

    async def write():
        while not stop:
            with contextlib.suppress(OperationalError):
                await sync.sync()
            await asyncio.sleep(0)

    writing = asyncio.create_task(write())
    for _ in range(1_500):
        room, person = chance.choice(rooms), chance.choice(people)
        if sockets[room, person.id] and chance.random() < 0.6:
            sockets[room, person.id] -= 1
            here.leave(room, person.id)
        else:
            sockets[room, person.id] += 1
            here.arrive(room, person)
        if chance.random() < 0.3:
            await asyncio.sleep(chance.choice([0, 0.001, 0.004]))
    await asyncio.sleep(presence.LEAVE_AFTER * 2)
    stop = True
    await writing
    monkeypatch.setattr(database, "run", run)
    await sync.sync()
    expected = {key for key, count in sockets.items() if count}
    assert here.here() == expected
    assert rows(sync) == expected


async def test_the_rows_of_others_are_written_when_a_user_was_deleted(sync, people, rooms):
    for person in people:
        sync._presence.arrive(rooms[0], person)
    await asyncio.to_thread(delete, people[3])
    await sync.sync()
    assert rows(sync) == {(rooms[0], person.id) for person in people if person is not people[3]}


def delete(person):
    User.objects.filter(pk=person.id).delete()
    connections.close_all()


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 40])
def test_leaving_takes_the_same_queries_for_any_number_of_rooms(django_assert_num_queries, alice, count):
    process = uuid4()
    rooms = Room.objects.bulk_create(Room(slug=f"room-{n}", name=f"Room {n}") for n in range(count))
    pairs = {(room.pk, alice.pk) for room in rooms}
    presence_rows.store(process, pairs, set())
    with django_assert_num_queries(2):
        presence_rows.store(process, (), pairs)
    assert not Presence.objects.exists()


async def test_the_people_of_each_room_are_read_again_within_a_minute(monkeypatch, sync, rooms):
    """A name that was changed by an SQL statement arrives this way."""
    monkeypatch.setattr(presence_sync, "RELOAD_EVERY", -1)
    feeds = [SimpleNamespace(room_id=room, presence_seen=True) for room in rooms]
    sync._feeds.by_room = {feed.room_id: feed for feed in feeds}
    for _ in range(presence_sync.REREAD_IN):
        sync.reload_if_due()
    assert [feed.presence_seen for feed in feeds] == [None] * len(rooms)
