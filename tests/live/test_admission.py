"""Connection limits of one web process, access checks at `hello`, and rate limits that processes share."""

import asyncio
import time
from contextlib import AsyncExitStack, suppress

import pytest
from websockets import ConnectionClosed, InvalidStatus

from chat.models import Membership
from tests.wire import PATIENCE, Closed, Person, signed_in

NEWCOMERS = 0.5  # a second at one IP address, after the first ones
SYNC_WITHIN = 5  # seconds until processes know each other's rate-limit counters, on a busy machine


async def test_the_eleventh_connection_of_a_user_closes_the_oldest_with_a_reason(server, alice, bob, kitchen):
    async with AsyncExitStack() as tabs:
        sockets = []
        for person in [alice] * 10 + [bob]:
            sockets.append(await tabs.enter_async_context(signed_in(server, person).open("kitchen")))
            await sockets[-1].hello()
        newest = await tabs.enter_async_context(signed_in(server, alice).open_lobby())
        await newest.hello()
        assert await sockets[0].closed() == 4409
        (error,) = sockets[0].heard("error")
        assert (error["code"], error["retry"]) == ("opened_elsewhere", False)
        assert "too many tabs" in error["message"]
        for socket in sockets[1:]:
            await socket.ping()
        await sockets[1].connection.close()
        await sockets[2].ping()
        replacement = await tabs.enter_async_context(signed_in(server, alice).open("kitchen"))
        await replacement.hello()
        await sockets[2].ping()  # the connection that closed itself had freed a place


async def test_each_process_has_its_own_limit_of_ten_connections_per_user(stack, site, alice, kitchen):
    if not stack.full:
        pytest.skip("SQLite serves one process")
    here, there = site.start(), site.start()
    async with AsyncExitStack() as tabs:
        sockets = []
        for server in [here, there] * 10:
            sockets.append(await tabs.enter_async_context(signed_in(server, alice).open("kitchen")))
            await sockets[-1].hello()
        for socket in sockets:
            await socket.ping()


@pytest.mark.parametrize("cap", ["OBROLAN_SOCKETS_PER_ADDRESS", "OBROLAN_SOCKETS"])
async def test_beyond_the_limit_of_an_ip_address_or_a_process_the_new_connection_is_refused(
    cap, site, alice, bob, kitchen
):
    """If the oldest were closed instead, one user could disconnect everybody behind the same IP address."""
    server = site.start(**{cap: "3"})
    async with AsyncExitStack() as tabs:
        sockets = [
            await tabs.enter_async_context(signed_in(server, person).open("kitchen"))
            for person in (alice, alice, bob)
        ]
        for socket in sockets:
            await socket.hello()
        extra = await tabs.enter_async_context(signed_in(server, bob).open("kitchen"))
        assert await extra.closed() == 4409
        assert extra.heard("error", code="too_many_sockets")
        for socket in sockets:
            await socket.ping()


async def test_a_member_who_is_removed_before_hello_reads_nothing(server, alice, bob, vault):
    async with signed_in(server, bob).open("vault") as bob_socket:
        await bob_socket.hello()
        await bob_socket.post("only for members")
        async with signed_in(server, alice).open("vault") as alice_socket:
            for _ in range(2):  # then the access lookup of the opening has finished
                await alice_socket.send("ping")
                assert (await alice_socket.expect("error"))["code"] == "hello_first"
            await bob_socket.ping()
            Membership.objects.filter(room=vault, user=alice).delete()
            with pytest.raises(Closed):
                await alice_socket.hello()
            assert await alice_socket.closed() == 4404
            assert alice_socket.messages == {}


async def test_a_client_that_opens_too_many_sockets_learns_when_to_retry(server, alice, bob, kitchen):
    person, refused = signed_in(server, alice), None
    async with signed_in(server, bob).open("kitchen") as bystander:
        await bystander.hello()
        for _ in range(200):
            async with person.open_lobby() as socket:
                with suppress(ConnectionClosed):
                    await socket.send("ping")
                error = await socket.expect("error")
                if error["code"] == "too_fast":
                    refused = error
                    assert await socket.closed() == 4429
                    break
        assert refused and refused["retry"] and 0 < refused["retry_after_ms"] <= 1_000
        await asyncio.sleep(refused["retry_after_ms"] / 1_000)
        async with person.open_lobby() as socket:
            await socket.hello()
        await bystander.ping()


async def test_a_flood_of_handshakes_gets_429_with_retry_after_and_another_session_does_not(
    site, alice, bob, kitchen
):
    server = site.start(OBROLAN_SOCKETS_PER_PERSON="1")  # allows 6 handshakes at once, then 2 a second
    flooder, answers = signed_in(server, alice), []
    until = time.monotonic() + PATIENCE
    while 429 not in answers and time.monotonic() < until:
        answers += await asyncio.gather(*(handshake(flooder) for _ in range(20)))
    assert 101 in answers and 429 in answers
    async with signed_in(server, bob).open("kitchen") as socket:
        await socket.hello()


async def handshake(person: Person) -> int:
    """Open a connection, close it at once, and return the status of the handshake."""
    try:
        async with person.open("kitchen"):
            return 101
    except InvalidStatus as refused:
        if refused.response.status_code == 429:
            assert int(refused.response.headers["Retry-After"]) >= 1
        return refused.response.status_code


async def test_catch_ups_of_one_user_are_rate_limited(server, alice, kitchen):
    person, errors = signed_in(server, alice), []
    for _ in range(60):
        async with person.open("kitchen") as socket:
            await socket.send("hello", since=None, epoch=None)
            event = await socket.wait(lambda event: event["type"] in ("welcome", "error"), "a response")
            if event["type"] == "error":
                errors.append(event)
                break
    assert errors and errors[0]["code"] == "too_fast" and errors[0]["retry"]
    assert 0 < errors[0]["retry_after_ms"] <= 1_000


async def test_new_guests_of_an_ip_address_are_counted_across_processes(stack, site):
    if not stack.full:
        pytest.skip("processes share counters only through Redis")
    few = {"OBROLAN_SOCKETS_PER_ADDRESS": "4"}
    servers = [site.start(**few), site.start(**few)]
    begun, statuses = time.monotonic(), []
    while 429 not in statuses and time.monotonic() < begun + SYNC_WITHIN:
        statuses.append(await enter_as_guest(servers[len(statuses) % 2], f"Ayu {len(statuses)}"))
    other, until = servers[len(statuses) % 2], time.monotonic() + SYNC_WITHIN
    while statuses.count(429) < 2 and time.monotonic() < until:
        statuses.append(await enter_as_guest(other, f"Budi {len(statuses)}"))
    assert statuses.count(429) == 2, "the other process does not refuse"
    assert 4 <= statuses.count(302) <= 6 + NEWCOMERS * (time.monotonic() - begun)


async def enter_as_guest(server, name: str) -> int:
    return (await Person(server).submit("/", username=name, room="kitchen")).status_code
