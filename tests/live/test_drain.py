"""Drain after SIGTERM: clients get `bye`, commands in flight are committed, connections close with 4012."""

import asyncio
import signal
import time
import uuid

from chat.models import Message
from tests.wire import signed_in

EXIT_WITHIN = 10  # seconds
IN_FLIGHT = 15  # messages; below the rate limit of a user


async def test_all_clients_get_bye_and_are_closed_with_4012(server, alice, bob, kitchen):
    async with (
        signed_in(server, alice).open("kitchen") as reader,
        signed_in(server, alice).open_lobby() as lobby,
        signed_in(server, bob).open("kitchen") as silent,
    ):
        for socket in (reader, lobby, silent):
            await socket.hello()
        begun = time.monotonic()
        assert await asyncio.to_thread(server.terminate) == 0
        assert time.monotonic() - begun < EXIT_WITHIN
        for socket in (reader, lobby, silent):
            bye = await socket.expect("bye")
            assert (bye["reason"], bye["retry_after_ms"]) == ("restart", 500)
            assert await socket.closed() == 4012


async def test_commands_in_flight_are_committed_and_acknowledged_before_the_close(server, alice, kitchen):
    async with signed_in(server, alice).open("kitchen") as socket:
        await socket.hello()
        ids = [str(uuid.uuid4()) for _ in range(IN_FLIGHT)]
        for number, client_id in enumerate(ids):
            await socket.send("post", id=client_id, text=f"number {number}")
        await socket.expect("ack", id=ids[0])  # the others are in flight
        assert await asyncio.to_thread(server.terminate) == 0
        assert await socket.closed() == 4012
        acknowledged = {event["id"] for event in socket.heard("ack")} | {ids[0]}
    assert set(map(str, Message.objects.values_list("client_id", flat=True))) == acknowledged


async def test_a_client_that_does_not_respond_does_not_delay_the_exit(server, alice, kitchen):
    async with signed_in(server, alice).open("kitchen") as socket:
        await socket.hello()
        socket.connection.transport.pause_reading()
        begun = time.monotonic()
        assert await asyncio.to_thread(server.terminate) == 0
        assert time.monotonic() - begun < EXIT_WITHIN


async def test_a_second_sigterm_ends_the_process(server, alice, kitchen):
    async with signed_in(server, alice).open("kitchen") as socket:
        await socket.hello()
        server.process.send_signal(signal.SIGTERM)
        await socket.expect("bye")
        # If the drain is already over, the process has removed its handler and the second signal kills it.
        assert await asyncio.to_thread(server.terminate) in (0, -signal.SIGTERM)
