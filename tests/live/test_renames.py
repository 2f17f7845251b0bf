"""New room names and display names reach every client, even when all notifications are lost."""

import asyncio
import sys
import time

import pytest

from chat.actions import rooms
from chat.live import database
from chat.live.feeds.feed import Feed
from chat.live.process import Process
from chat.models import Membership, Room, User
from tests.wire import signed_in

WITHIN = 2  # seconds
LOSSY_SERVER = [sys.executable, "-m", "tests.chaos.web", "--port", "{port}"]
LOSE_ALL = {"CHAOS_HINTS": "1", "CHAOS_HARM": "drop"}


@pytest.fixture
def processes(site, stack):
    """Two web processes on PostgreSQL and Redis; on SQLite the same process twice."""
    first = site.start(LOSSY_SERVER, **LOSE_ALL)
    return first, site.start(LOSSY_SERVER, **LOSE_ALL) if stack.full else first


async def test_a_new_name_topic_and_kind_of_a_room_reach_every_client(processes, alice, bob, kitchen):
    here, there = processes
    Membership.objects.filter(room=kitchen, user=bob).update(role=Membership.OWNER)
    async with (
        signed_in(here, alice).open("kitchen") as alice_socket,
        signed_in(there, bob).open("kitchen") as bob_socket,
    ):
        await alice_socket.hello()
        await bob_socket.hello()
        begun = time.monotonic()
        rooms.update(kitchen, by=bob, name="Dapur", topic="Soup")
        for socket in (alice_socket, bob_socket):
            event = await socket.expect("room", timeout=WITHIN, slug="kitchen", name="Dapur")
            assert (event["topic"], event["kind"]) == ("Soup", "public")
        assert time.monotonic() - begun < WITHIN
        slug = rooms.update(kitchen, by=bob, kind=Room.PRIVATE).slug
        for socket in (alice_socket, bob_socket):
            event = await socket.expect("room", timeout=WITHIN, slug=slug, former="kitchen")
            assert event["kind"] == "private"


async def test_a_new_display_name_reaches_every_client_in_the_room(processes, alice, bob, kitchen):
    here, there = processes
    async with (
        signed_in(here, alice).open("kitchen") as alice_socket,
        signed_in(there, bob).open("kitchen") as bob_socket,
    ):
        await alice_socket.hello()
        me = (await bob_socket.hello())["user"]
        await alice_socket.expect("joined", user=me)
        User.objects.filter(pk=bob.pk).update(name="Bobby")
        begun = time.monotonic()
        for socket in (alice_socket, bob_socket):
            await socket.expect("renamed", timeout=WITHIN, user={**me, "name": "Bobby"})
        assert time.monotonic() - begun < WITHIN
        await bob_socket.post("Who am I?")
        assert (await alice_socket.expect("message"))["author"]["name"] == "Bobby"
        await alice_socket.ping()
        assert (
            not alice_socket.heard("renamed")
            and not alice_socket.heard("left")
            and not alice_socket.heard("joined", user=me)
        )


async def test_a_notification_reloads_the_room_at_once(monkeypatch):
    process, feed, reads = Process(), Feed(Room(pk=1, name="Kitchen")), []
    process.feeds.by_room[1] = feed

    async def read(executor, work, rooms):
        reads.append(rooms)
        await asyncio.sleep(0.01)  # the other notifications arrive during the read
        return {1: Room(pk=1, name="Dapur", epoch=feed.epoch)}

    monkeypatch.setattr(database, "run", read)
    for _ in range(100):
        process.route_hint({"type": "room", "room": 1, "epoch": feed.epoch})
    async with asyncio.timeout(WITHIN):
        while feed.room.name != "Dapur":
            await asyncio.sleep(0)
    await asyncio.gather(*process.background._tasks)
    assert len(reads) <= 3


async def test_a_room_is_announced_only_when_it_changed_since_the_last_announcement():
    room, announced = Room(pk=1, slug="kitchen", name="Kitchen"), []
    feed = Feed(room)
    feed.broadcast.announce = lambda *events: announced.extend(events)
    feed.update_room(feed.room)
    assert announced == []
    for name in ("Dapur", "Dapur", "Kitchen"):
        room.name = name
        feed.update_room(type(feed.room)(room.slug, room.name, room.topic, room.kind))
    assert ["Dapur" in event for event in announced] == [True, False]
