"""A room with more people than clients are sent, on servers: a list of some of them and the number of all."""

import asyncio
from contextlib import AsyncExitStack
from uuid import uuid4

import pytest

from chat.models import Membership, Presence, User
from tests.wire import signed_in

HIGH_LIMITS = {"OBROLAN_SOCKETS_PER_ADDRESS": "5000"}
COUNTED_WITHIN = 9  # seconds; a departure is announced six seconds after the last connection closed


@pytest.fixture
def crowd(kitchen):
    """Enough accounts who are members of the kitchen; the first of them are present through no process."""
    users = User.objects.bulk_create(
        User(username=f"p{n}", name=f"Person {n}", is_guest=True) for n in range(130)
    )
    Membership.objects.bulk_create(Membership(room=kitchen, user=user) for user in users)
    return users


async def test_people_who_enter_at_once_all_end_with_the_same_hundred_and_the_right_number(
    site, stack, crowd, kitchen
):
    servers = [site.start(**HIGH_LIMITS) for _ in range(2 if stack.full else 1)]
    everybody = [signed_in(servers[n % len(servers)], user) for n, user in enumerate(crowd)]
    async with AsyncExitStack() as tabs:

        async def enter(person):
            socket = await tabs.enter_async_context(person.open("kitchen"))
            welcome = await socket.hello()
            assert welcome["user"] in welcome["people"]
            assert len(welcome["people"]) <= min(100, welcome["present"])
            return socket

        sockets = await asyncio.gather(*map(enter, everybody))
        for socket in sockets:
            await socket.wait(lambda event: shows(event, 130), "130 people")
        await sockets[0].connection.close()
        for socket in sockets[1:]:
            event = await socket.wait(lambda event: shows(event, 129), "129 people", COUNTED_WITHIN)
            assert [user["id"] for user in event["people"]] == [user.pk for user in crowd[1:101]]
        for socket in sockets[101:]:
            await socket.connection.close()
        for socket in sockets[1:101]:
            event = await socket.wait(lambda event: shows(event, 100), "100 people", COUNTED_WITHIN)
            assert {user["id"] for user in event["people"]} == {user.pk for user in crowd[1:101]}
            assert not socket.heard("left")
        await sockets[1].connection.close()
        for socket in sockets[2:101]:
            left = await socket.expect("left", timeout=COUNTED_WITHIN)
            assert left["user"]["id"] == crowd[1].pk


def shows(event, present):
    return event["type"] in ("welcome", "crowd") and event["present"] == present


async def test_nobody_is_told_who_types_in_a_crowd(server, alice, bob, crowd, kitchen):
    elsewhere = uuid4()
    async with (
        signed_in(server, alice).open("kitchen") as alice_socket,
        signed_in(server, bob).open("kitchen") as bob_socket,
    ):
        await alice_socket.hello()
        await bob_socket.hello()
        Presence.objects.bulk_create(Presence(process=elsewhere, room=kitchen, user=user) for user in crowd)
        await alice_socket.expect("crowd", present=132)
        await bob_socket.send("typing")
        await bob_socket.post("Hello")
        await alice_socket.expect("message", text="Hello")
        assert not alice_socket.heard("typing")
