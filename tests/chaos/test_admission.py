"""Handshake timeout, rate limits, idle sockets, and revoked access while Redis is down."""

import asyncio
import time
import uuid
from contextlib import AsyncExitStack, suppress

import pytest

from tests.wire import WITHIN, Refused, signed_in

GOSSIP_DELAY = 2  # seconds within which processes share their rate-limit counters
IDLE_TIME = 12  # seconds: some Redis clients drop an idle connection after 5 (docs/decisions.md)


@pytest.mark.waits
async def test_a_socket_that_sends_no_hello_within_ten_seconds_is_closed(embedded, server, alice, kitchen):
    started = time.monotonic()
    async with signed_in(server, alice).open("kitchen") as socket:
        await socket.send("ping")
        assert (await socket.expect("error"))["code"] == "hello_first"
        assert (await socket.expect("error", timeout=20))["code"] == "hello_late"
        assert await socket.closed() == 4408
    assert 9 < time.monotonic() - started < 20


async def test_a_post_over_the_rate_limit_succeeds_after_the_delay_that_the_refusal_gives(
    server, alice, kitchen
):
    async with signed_in(server, alice).open("kitchen") as socket:
        await socket.hello()
        with pytest.raises(Refused) as refused:
            for number in range(40):
                id = str(uuid.uuid4())
                await socket.post(f"number {number}", id=id)
        error = refused.value.event
        assert (error["code"], error["retry"]) == ("too_fast", True)
        assert number >= 20
        assert 0 < error["retry_after_ms"] <= 2_000
        await asyncio.sleep(error["retry_after_ms"] / 1000)
        await socket.post(f"number {number}", id=id)


async def test_a_socket_that_ignores_refusals_is_closed_and_others_can_post(server, alice, bob, kitchen):
    async with signed_in(server, bob).open("kitchen") as bystander:
        await bystander.hello()
        async with signed_in(server, alice).open("kitchen") as socket:
            await socket.hello()
            for _ in range(150):
                await socket.send("post", id=str(uuid.uuid4()), text="more")
            assert await socket.closed() == 4429
        await bystander.post("not limited")


async def test_processes_share_the_rate_limit_of_a_person(full, site, alice, kitchen):
    process_a, process_b = site.start(), site.start()
    async with (
        signed_in(process_a, alice).open("kitchen") as first,
        signed_in(process_b, alice).open("kitchen") as second,
    ):
        await first.hello()
        await second.hello()
        for number in range(20):
            await first.post(f"number {number}")
        deadline = time.monotonic() + GOSSIP_DELAY
        with pytest.raises(Refused, match="too_fast"):
            while time.monotonic() < deadline:
                await second.post("one more")


async def test_without_redis_each_process_enforces_the_rate_limit_alone(full, site, alice, kitchen):
    server = site.start(REDIS_URL="redis://127.0.0.1:1/0")
    async with signed_in(server, alice).open("kitchen") as socket:
        await socket.hello()
        with pytest.raises(Refused, match="too_fast"):
            for number in range(40):
                await socket.post(f"number {number}")


@pytest.mark.waits
async def test_a_socket_that_is_idle_for_twelve_seconds_still_receives_messages(
    full, server, alice, bob, kitchen
):
    async with signed_in(server, alice).open("kitchen") as reader:
        await reader.hello()
        deadline = time.monotonic() + IDLE_TIME
        while time.monotonic() < deadline:
            assert not reader.reader.done(), "an idle socket was closed"
            await asyncio.sleep(0.5)
        async with signed_in(server, bob).open("kitchen") as writer:
            await writer.hello()
            await writer.post("are you there")
        await reader.expect("message", text="are you there", timeout=WITHIN)


async def test_people_at_one_ip_address_share_its_rate_limit(site, alice, bob, charlie, kitchen):
    server = site.start(OBROLAN_SOCKETS_PER_PERSON="1", OBROLAN_SOCKETS_PER_ADDRESS="2")
    posted = 0
    for person in (alice, bob, charlie):  # a burst is 20 posts for a person, 40 for an IP address
        async with signed_in(server, person).open("kitchen") as socket:
            await socket.hello()
            with suppress(Refused):
                for number in range(20):
                    await socket.post(f"number {number}")
                    posted += 1
    assert 40 <= posted < 55


async def test_sockets_of_people_who_lost_access_close_soon_while_redis_is_down(
    full, site, bob, kitchen, vault
):
    """One process revokes the access, the sockets are in another, and no layer connects the two."""
    from chat.actions import members, people
    from chat.models import Membership, User

    no_redis = {"REDIS_URL": "redis://127.0.0.1:1/0"}
    process_a, process_b = site.start(**no_redis), site.start(**no_redis)
    logged_out, changed_password, deactivated, removed, deleted = [
        User.objects.create(username=f"p{n}", name=f"P {n}") for n in range(5)
    ]
    for user in (logged_out, changed_password, deactivated, removed, deleted):
        Membership.objects.create(room=vault, user=user)
    Membership.objects.filter(room=vault, user=bob).update(role=Membership.OWNER)
    async with AsyncExitStack() as tabs:
        sockets, person = {}, {}
        for user in (logged_out, changed_password, deactivated, removed, deleted):
            person[user] = signed_in(process_a, user)
            sockets[user] = await tabs.enter_async_context(person[user].at(process_b).open("vault"))
            await sockets[user].hello()
        member = await tabs.enter_async_context(signed_in(process_b, bob).open("vault"))
        await member.hello()
        await person[logged_out].get("/")

        started = time.monotonic()
        assert (await person[logged_out].submit("/accounts/logout/")).status_code == 302
        changed_password.set_password("a quiet pond 7")
        changed_password.save()
        people.deactivate(deactivated, by=User.objects.create_superuser("rut"))
        members.remove(vault, removed, by=bob)
        User.objects.filter(pk=deleted.pk).delete()
        codes = [await socket.closed() for socket in sockets.values()]
        assert time.monotonic() - started < WITHIN
        assert codes == [4401, 4401, 4403, 4403, 4403]
        await member.post("not for them")
        assert all("not for them" not in socket.texts for socket in sockets.values())
