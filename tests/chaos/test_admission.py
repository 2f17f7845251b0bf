"""How many sockets are let in, how fast one may write, and how long one may be silent."""

import asyncio
import time
import uuid
from contextlib import AsyncExitStack, suppress

import pytest

from tests.wire import Refused, signed_in

SPREAD = 2  # seconds in which what was spent in one process is known in another
IDLE = 12  # seconds: some Redis clients drop an idle connection after 5 (docs/decisions.md)


@pytest.mark.waits
async def test_who_does_not_say_hello_within_ten_seconds_is_closed(embedded, server, alice, kitchen):
    begun = time.monotonic()
    async with signed_in(server, alice).open("kitchen") as socket:
        await socket.send("ping")
        assert (await socket.expect("error"))["code"] == "hello_first"
        assert (await socket.expect("error", timeout=13))["code"] == "hello_late"
        assert await socket.closed() == 4408
    assert 9 < time.monotonic() - begun < 13


async def test_who_writes_too_fast_is_told_how_long_to_wait_and_is_right_to_believe_it(
    server, alice, kitchen
):
    async with signed_in(server, alice).open("kitchen") as socket:
        await socket.hello()
        with pytest.raises(Refused) as refused:
            for number in range(40):
                about = str(uuid.uuid4())
                await socket.post(f"number {number}", id=about)
        error = refused.value.event
        assert (error["code"], error["retry"]) == ("too_fast", True)
        assert number >= 20
        assert 0 < error["retry_after_ms"] <= 2_000
        await asyncio.sleep(error["retry_after_ms"] / 1000)
        await socket.post(f"number {number}", id=about)


async def test_who_never_stops_is_closed(server, alice, bob, kitchen):
    async with signed_in(server, bob).open("kitchen") as bystander:
        await bystander.hello()
        async with signed_in(server, alice).open("kitchen") as socket:
            await socket.hello()
            for _ in range(150):
                await socket.send("post", id=str(uuid.uuid4()), text="more")
            assert await socket.closed() == 4429
        await bystander.post("unharmed")


async def test_what_is_spent_in_one_process_is_spent_in_the_other(full, site, alice, kitchen):
    here, there = site.start(), site.start()
    async with (
        signed_in(here, alice).open("kitchen") as one,
        signed_in(there, alice).open("kitchen") as other,
    ):
        await one.hello()
        await other.hello()
        for number in range(20):
            await one.post(f"number {number}")
        until = time.monotonic() + SPREAD
        with pytest.raises(Refused, match="too_fast"):
            while time.monotonic() < until:
                await other.post("one more")


async def test_without_redis_each_process_counts_for_itself(full, site, alice, kitchen):
    server = site.start(REDIS_URL="redis://127.0.0.1:1/0")
    async with signed_in(server, alice).open("kitchen") as socket:
        await socket.hello()
        with pytest.raises(Refused, match="too_fast"):
            for number in range(40):
                await socket.post(f"number {number}")


@pytest.mark.waits
async def test_a_socket_that_idles_for_twelve_seconds_still_hears(full, server, alice, bob, kitchen):
    async with signed_in(server, alice).open("kitchen") as reader:
        await reader.hello()
        until = time.monotonic() + IDLE
        while time.monotonic() < until:
            assert not reader.reader.done(), "an idle socket was closed"
            await asyncio.sleep(0.5)
        async with signed_in(server, bob).open("kitchen") as writer:
            await writer.hello()
            await writer.post("are you there")
        await reader.expect("message", text="are you there", timeout=1)


async def test_who_share_an_address_share_its_limit(site, alice, bob, charlie, kitchen):
    server = site.start(OBROLAN_SOCKETS_PER_PERSON="1", OBROLAN_SOCKETS_PER_ADDRESS="2")
    said = 0
    for person in (alice, bob, charlie):  # each may say 20 at once, and their address twice as many
        async with signed_in(server, person).open("kitchen") as socket:
            await socket.hello()
            with suppress(Refused):
                for number in range(20):
                    await socket.post(f"number {number}")
                    said += 1
    assert 40 <= said < 55


async def test_out_means_out_within_two_seconds_with_redis_dead(full, site, bob, kitchen, vault):
    """Decided in one process, the socket in another, and no layer between them."""
    from chat.actions import people, rooms
    from chat.models import Membership, User

    dead = {"REDIS_URL": "redis://127.0.0.1:1/0"}
    here, there = site.start(**dead), site.start(**dead)
    leaving, forgetful, closed, removed, deleted = [
        User.objects.create(username=f"p{n}", name=f"P {n}") for n in range(5)
    ]
    for user in (leaving, forgetful, closed, removed, deleted):
        Membership.objects.create(room=vault, user=user)
    Membership.objects.filter(room=vault, user=bob).update(role=Membership.OWNER)
    async with AsyncExitStack() as tabs:
        sockets, person = {}, {}
        for user in (leaving, forgetful, closed, removed, deleted):
            person[user] = signed_in(here, user)
            sockets[user] = await tabs.enter_async_context(person[user].at(there).open("vault"))
            await sockets[user].hello()
        other = await tabs.enter_async_context(signed_in(there, bob).open("vault"))
        await other.hello()
        await person[leaving].get("/")

        begun = time.monotonic()
        assert (await person[leaving].submit("/accounts/logout/")).status_code == 302
        forgetful.set_password("a quiet pond 7")
        forgetful.save()
        people.deactivate(closed, by=bob)
        rooms.remove_member(vault, removed, by=bob)
        User.objects.filter(pk=deleted.pk).delete()
        codes = [await socket.closed() for socket in sockets.values()]
        assert time.monotonic() - begun < 2
        assert codes == [4401, 4401, 4403, 4403, 4403]
        await other.post("not for them")
        assert all("not for them" not in socket.texts for socket in sockets.values())
