"""New room names and display names reach every client, even when all notifications are lost."""

import asyncio
import sys
import time
import uuid

import pytest

from chat import frames
from chat.actions import rooms
from chat.actions.messages import Draft, post
from chat.live import database
from chat.live.feeds import names
from chat.live.feeds.feed import Feed
from chat.live.process import Process
from chat.models import Membership, Room, User
from tests.wire import WITHIN, signed_in

LOSSY_SERVER = [sys.executable, "-m", "tests.chaos.web", "--port", "{port}"]
LOSE_ALL = {"CHAOS_HINTS": "1", "CHAOS_HARM": "drop", "CHAOS_OWN_HINTS": "on"}


@pytest.fixture
def processes(site, stack):
    """Two web processes on PostgreSQL and Redis; on SQLite the same process twice."""
    first = site.start(LOSSY_SERVER, **LOSE_ALL)
    return first, site.start(LOSSY_SERVER, **LOSE_ALL) if stack.full else first


def rename(user, name):
    user.name = name
    user.save()


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
        begun = time.monotonic()
        rename(bob, "Bobby")
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


async def test_ones_own_new_name_reaches_an_open_lobby(processes, alice, bob):
    here, there = processes
    async with (
        signed_in(here, alice).open_lobby() as alices,
        signed_in(there, bob).open_lobby() as bobs,
    ):
        me = (await alices.hello())["user"]
        await bobs.hello()
        rename(alice, "Zoltan")
        await alices.expect("person", timeout=WITHIN, user={**me, "name": "Zoltan"})
        await bobs.ping()
        assert not bobs.heard("person")


async def test_a_new_name_of_an_absent_author_reaches_the_rooms_that_know_them(
    processes, alice, bob, charlie, kitchen, vault
):
    here, there = processes
    Membership.objects.create(room=vault, user=charlie)
    for person, text in ((bob, "Hello"), (charlie, f"<@{bob.pk}>")):
        post([Draft(kitchen.pk, person.pk, uuid.uuid4(), text)])
    Membership.objects.filter(user=bob).delete()  # an author who left
    async with (
        signed_in(here, alice).open("kitchen") as socket,
        signed_in(there, charlie).open("vault") as elsewhere,
    ):
        await socket.hello()
        await elsewhere.hello()
        for name in ("Bobby", "Robert"):
            begun = time.monotonic()
            rename(bob, name)
            event = await socket.expect("person", timeout=WITHIN)
            assert event["user"] == {"id": bob.pk, "name": name, "guest": False}
            assert time.monotonic() - begun < WITHIN
        await elsewhere.ping()
        assert not elsewhere.heard("person") and not socket.heard("renamed")


async def test_a_client_that_was_away_is_sent_the_new_names_of_its_room(processes, alice, bob, kitchen):
    here, there = processes
    post([Draft(kitchen.pk, bob.pk, uuid.uuid4(), "Hello")])
    async with signed_in(here, alice).open("kitchen") as socket:
        welcome = await socket.hello()
        await socket.synced()
        rename(bob, "Bobby")
        await socket.expect("person", timeout=WITHIN)
    for server in (here, there):
        async with signed_in(server, alice).open("kitchen") as socket:
            await socket.hello(since=1, epoch=welcome["epoch"])
            await socket.synced()
            event = await socket.expect("person", timeout=WITHIN)
            assert event["user"]["name"] == "Bobby"


@pytest.mark.django_db
def test_only_a_save_with_another_name_is_a_rename(bob):
    def renamed_at():
        return User.objects.values_list("renamed_at", flat=True).get(pk=bob.pk)

    bob.save()
    bob.save(update_fields=["is_active"])
    assert renamed_at() is None
    rename(bob, "Bobby")
    at = renamed_at()
    assert at
    bob.save()
    bob.save(update_fields=["name"])
    assert renamed_at() == at


@pytest.mark.django_db
def test_the_kept_names_are_bounded_and_the_latest_are_kept(monkeypatch, bob, alice):
    monkeypatch.setattr(names, "KEPT", 1)
    rename(bob, "Bobby")
    rename(alice, "Alicia")
    assert [user.name for user in names.renamed_within(60)] == ["Alicia"]
    kept = names.Names()
    for id in (1, 2):
        kept._keep(names.NewName(frames.User(id, "Name", False), frozenset({7})))
    assert [event.user.id for event in kept.of_room(7)] == [2] and not kept.of_room(8)


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
