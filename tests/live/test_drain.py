"""SIGTERM, as a deploy sends it: `bye`, the commits in flight, 4012, and gone within ten seconds."""

import asyncio
import signal
import time
import uuid

from chat.models import Message
from tests.wire import signed_in

GONE_WITHIN = 10  # seconds
IN_FLIGHT = 15  # fewer than a person may post at once


async def test_everybody_is_told_and_closed_with_the_code_for_a_restart(server, alice, bob, kitchen):
    async with (
        signed_in(server, alice).open("kitchen") as reader,
        signed_in(server, alice).open_lobby() as watcher,
        signed_in(server, bob).open("kitchen") as silent,
    ):
        for socket in (reader, watcher, silent):
            await socket.hello()
        begun = time.monotonic()
        assert await asyncio.to_thread(server.terminate) == 0
        assert time.monotonic() - begun < GONE_WITHIN
        for socket in (reader, watcher, silent):
            bye = await socket.expect("bye")
            assert (bye["reason"], bye["retry_after_ms"]) == ("restart", 500)
            assert await socket.closed() == 4012


async def test_what_was_under_way_is_committed_and_acknowledged_before_the_close(server, alice, kitchen):
    async with signed_in(server, alice).open("kitchen") as socket:
        await socket.hello()
        said = [str(uuid.uuid4()) for _ in range(IN_FLIGHT)]
        for number, about in enumerate(said):
            await socket.send("post", id=about, text=f"number {number}")
        await socket.expect("ack", id=said[0])  # the others are on their way
        assert await asyncio.to_thread(server.terminate) == 0
        assert await socket.closed() == 4012
        acknowledged = {event["id"] for event in socket.heard("ack")} | {said[0]}
    assert set(map(str, Message.objects.values_list("client_id", flat=True))) == acknowledged


async def test_a_client_that_does_not_answer_holds_nobody_up(server, alice, kitchen):
    async with signed_in(server, alice).open("kitchen") as socket:
        await socket.hello()
        socket.connection.transport.pause_reading()
        begun = time.monotonic()
        assert await asyncio.to_thread(server.terminate) == 0
        assert time.monotonic() - begun < GONE_WITHIN


async def test_who_asks_twice_is_not_kept_waiting(server, alice, kitchen):
    async with signed_in(server, alice).open("kitchen") as socket:
        await socket.hello()
        server.process.send_signal(signal.SIGTERM)
        await socket.expect("bye")
        # The second signal may meet a process whose drain is over, and which listens to signals no more.
        assert await asyncio.to_thread(server.terminate) in (0, -signal.SIGTERM)
