"""A room's socket carries the counts of the user's own rooms as well, if the client asks for them."""

import sys
import time
import uuid

import pytest

from chat.actions import members, rooms
from chat.actions.messages import Draft, post
from chat.models import Membership, Room
from tests.wire import WITHIN, guest, signed_in

LOSSY_SERVER = [sys.executable, "-m", "tests.chaos.web", "--port", "{port}"]
LOSE_ALL = {"CHAOS_HINTS": "1", "CHAOS_HARM": "drop", "CHAOS_OWN_HINTS": "on"}


@pytest.fixture
def processes(site, stack):
    """Two web processes without a working channel layer; on SQLite the same process twice."""
    first = site.start(LOSSY_SERVER, **LOSE_ALL)
    return first, site.start(LOSSY_SERVER, **LOSE_ALL) if stack.full else first


@pytest.fixture
def attic(alice, bob):
    room = Room.objects.create(slug="attic", name="Attic")
    for user in (alice, bob):
        Membership.objects.create(room=room, user=user)
    return room


def say(room, author, text="Hello"):
    return post([Draft(room.pk, author.pk, uuid.uuid4(), text)])[0]


async def watching(socket, *slugs):
    await socket.hello()
    await socket.synced()
    await socket.send("watch", rooms=slugs)
    return {slug: await socket.expect("room", slug=slug) for slug in slugs}


async def expect_within(socket, begun, **fields):
    event = await socket.expect("room", timeout=WITHIN, **fields)
    assert time.monotonic() - begun < WITHIN
    return event


async def test_reading_and_marking_at_another_device_arrive_soon_without_any_hint(
    processes, alice, bob, kitchen, attic
):
    here, there = processes
    for room in (kitchen, attic):
        for _ in range(3):
            say(room, bob)
    async with (
        signed_in(here, alice).open("kitchen") as tab,
        signed_in(there, alice).open("kitchen") as kitchen_elsewhere,
        signed_in(there, alice).open("attic") as attic_elsewhere,
    ):
        shown = await watching(tab, "kitchen", "attic")
        assert [event["unread"] for event in shown.values()] == [3, 3]
        for slug, socket in (("kitchen", kitchen_elsewhere), ("attic", attic_elsewhere)):
            await socket.hello()
            await socket.synced()
            begun = time.monotonic()
            await socket.send("read", seq=3)
            await expect_within(tab, begun, slug=slug, unread=0)
            begun = time.monotonic()
            await socket.send("unread", seq=2)
            event = await expect_within(tab, begun, slug=slug, unread=2)
            assert event["unread_from"] == 2


async def test_mentions_renames_new_rooms_and_removals_arrive_soon_without_any_hint(
    processes, alice, bob, kitchen, attic, vault
):
    here, there = processes
    Membership.objects.filter(user=bob).update(role=Membership.OWNER)
    async with (
        signed_in(here, alice).open("kitchen") as tab,
        signed_in(there, bob).open("attic") as writer,
    ):
        await watching(tab, "kitchen", "attic", "vault")
        await writer.hello()
        begun = time.monotonic()
        await writer.post(f"<@{alice.pk}>")
        event = await expect_within(tab, begun, slug="attic", mentions=1)
        assert event["last_at"] and event["head"] == 1
        begun = time.monotonic()
        rooms.update(attic, by=bob, name="Loteng")
        await expect_within(tab, begun, slug="attic", name="Loteng")
        members.remove(vault, alice, by=bob)
        await expect_within(tab, time.monotonic(), slug="vault", gone=True)
        garden = rooms.create("Garden", by=bob)
        members.enter(garden, alice)
        await tab.expect("room", timeout=WITHIN, slug="garden", name="Garden")


async def test_a_guest_and_a_client_that_does_not_ask(server, alice, bob, kitchen, attic):
    ayu = await guest(server, "Ayu", "Kitchen")
    async with ayu.open("kitchen") as asks, signed_in(server, alice).open("kitchen") as silent:
        await watching(asks, "kitchen", "nowhere")
        await silent.hello()
        say(kitchen, bob)
        await asks.expect("room", slug="kitchen", unread=1)
        await asks.expect("message", text="Hello")
        say(attic, bob)
        say(kitchen, bob, "Again")
        await silent.expect("message", text="Again")
        await asks.expect("room", slug="kitchen", unread=2)
        assert not silent.heard("room") and not asks.heard("room", slug="attic")


async def test_more_rooms_than_allowed_are_refused_and_a_closed_socket_is_forgotten(
    server, alice, bob, kitchen
):
    async with signed_in(server, alice).open("kitchen") as socket:
        await socket.hello()
        await socket.send("watch", rooms=[f"room-{n}" for n in range(101)])
        assert (await socket.expect("error"))["code"] == "malformed"
    async with signed_in(server, bob).open("kitchen") as socket:
        await watching(socket, "kitchen")
