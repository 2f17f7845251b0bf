"""Presence: joins, departures, and the people of a room in `welcome` and in the lobby."""

import asyncio
from uuid import uuid4

import pytest

from chat.models import Presence, Room, User
from tests.wire import guest

LEFT_WITHIN = 9  # seconds; `left` is sent five seconds after the last connection closed


def names(people):
    return [person["name"] for person in people]


@pytest.mark.waits
async def test_joins_and_departures_are_sent_to_the_room(ayu, budi):
    async with ayu.open("kitchen") as ayu_socket:
        await ayu_socket.hello()
        async with budi.open("kitchen") as budi_socket:
            welcome = await budi_socket.hello()
            assert sorted(names(welcome["people"])) == ["Ayu", "Budi"]
            assert await ayu_socket.expect("joined", user=welcome["user"])
        assert await ayu_socket.expect("left", timeout=LEFT_WITHIN, user=welcome["user"])


@pytest.mark.waits
async def test_a_second_tab_and_a_reload_announce_nothing(ayu, budi):
    async with ayu.open("kitchen") as ayu_socket:
        await ayu_socket.hello()
        async with budi.open("kitchen") as first:
            me = (await first.hello())["user"]
            await ayu_socket.expect("joined", user=me)
            async with budi.open("kitchen") as second:
                people = (await second.hello())["people"]
                assert sorted(names(people)) == ["Ayu", "Budi"]
        async with budi.open("kitchen") as again:
            await again.hello()
            await again.post("back already")
            await ayu_socket.expect("message", text="back already")
            # Wait until a departure of the first tab would have been announced.
            await wait_until(lambda: Presence.objects.filter(user__name="Budi").count() == 1)
            await asyncio.wait_for(wait_past_departure(ayu_socket), LEFT_WITHIN)
            assert not ayu_socket.heard("left") and not ayu_socket.heard("joined", user=me)


async def wait_past_departure(socket):
    """Wait for the delay of `left` while the server answers pings."""
    from chat.live.feeds.presence import LEAVE_AFTER

    begun = asyncio.get_running_loop().time()
    while asyncio.get_running_loop().time() - begun < LEAVE_AFTER + 1:
        await socket.ping()
        await asyncio.sleep(0.2)


async def wait_until(condition):
    async with asyncio.timeout(LEFT_WITHIN):
        while not condition():
            await asyncio.sleep(0.05)


async def test_the_people_of_a_killed_process_leave_after_a_minute(site):
    """Its presence rows stay and grow old. The test sets them back by a minute instead of waiting."""
    first = site.start()
    ayu = await guest(first, "Ayu", "kitchen")
    budi = await guest(first, "Budi", "kitchen")
    async with budi.open("kitchen") as budi_socket:
        await budi_socket.hello()
        await wait_until(lambda: Presence.objects.filter(user__name="Budi").exists())
        first.kill()
    second = site.start()
    async with ayu.at(second).open("kitchen") as ayu_socket:
        people = (await ayu_socket.hello())["people"]
        assert sorted(names(people)) == ["Ayu", "Budi"], "Budi left because of the restart"
        age(Presence.objects.filter(user__name="Budi"), seconds=61)
        assert (await ayu_socket.expect("left", timeout=LEFT_WITHIN))["user"]["name"] == "Budi"


def age(presences, seconds):
    from datetime import timedelta

    from django.db.models import F

    presences.update(seen_at=F("seen_at") - timedelta(seconds=seconds))


async def test_the_lobby_shows_new_people_and_messages(server, ayu, budi):
    async with ayu.open_lobby() as lobby:
        await lobby.hello()
        await lobby.send("watch", rooms=["kitchen"])
        assert (await lobby.expect("room", slug="kitchen"))["people"] == 0
        async with budi.open("kitchen") as budi_socket:
            await budi_socket.hello()
            assert await lobby.expect("room", slug="kitchen", people=1)
            await budi_socket.post("Anybody here?")
            line = await lobby.expect("room", slug="kitchen", head=1)
            assert (line["unread"], bool(line["last_at"])) == (1, True)


async def test_a_lobby_client_that_sends_only_hello_gets_its_visible_rooms_and_new_ones(ayu, budi, vault):
    async with ayu.open_lobby() as lobby:
        await lobby.hello()
        assert (await lobby.expect("room", slug="kitchen"))["kind"] == "public"
        await budi.submit("/", room="Attic")
        assert await lobby.expect("room", slug="attic")
        assert not lobby.heard("room", slug="vault")


async def test_reading_in_another_tab_clears_the_count_in_the_lobby(ayu, budi):
    async with (
        ayu.open_lobby() as lobby,
        ayu.open("kitchen") as ayu_socket,
        budi.open("kitchen") as budi_socket,
    ):
        await lobby.hello()
        await lobby.send("watch", rooms=["kitchen"])
        await ayu_socket.hello()
        await budi_socket.hello()
        seq = (await budi_socket.post("Read me"))["seq"]
        await lobby.expect("room", slug="kitchen", unread=1)
        await ayu_socket.send("read", seq=seq)
        await lobby.expect("room", slug="kitchen", unread=0)


async def test_the_lobby_never_shows_the_name_of_a_private_room_to_outsiders(server, ayu, alice, vault):
    from chat.models import Membership
    from tests.wire import signed_in

    async with ayu.open_lobby() as outsider, signed_in(server, alice).open_lobby() as member:
        await outsider.hello()
        await member.hello()
        for socket in (outsider, member):
            await socket.send("watch", rooms=["kitchen", "vault"])
        assert await member.expect("room", slug="vault", name="Vault")
        Membership.objects.filter(room=vault, user=alice).delete()
        assert await member.expect("room", slug="vault", gone=True)
        assert await outsider.expect("room", slug="vault", name="", gone=True)
        assert {line["slug"] for line in outsider.heard("room")} == {"kitchen"}


async def test_a_client_in_a_room_with_seven_thousand_people_is_sent_a_hundred_and_their_number(ayu):
    here = User.objects.bulk_create(
        User(username=f"g{number}", name=f"Guest {number}", is_guest=True) for number in range(7_000)
    )
    kitchen, elsewhere = Room.objects.get(slug="kitchen"), uuid4()
    Presence.objects.bulk_create(Presence(process=elsewhere, room=kitchen, user=user) for user in here)
    async with ayu.open("kitchen") as ayu_socket:
        welcome = await ayu_socket.hello()
        assert welcome["user"] in welcome["people"]
        assert (len(welcome["people"]), welcome["present"]) == (100, 7_000)
        assert (await ayu_socket.expect("crowd"))["present"] == 7_001
