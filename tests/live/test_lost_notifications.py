"""Lost notifications: without the channel layer messages arrive by the heartbeat, about a second later."""

import sys
import time

import pytest

from tests.wire import WITHIN, guest

SERVER = [sys.executable, "-m", "tests.chaos.web", "--port", "{port}"]


@pytest.mark.waits
async def test_messages_arrive_soon_when_every_notification_is_lost(site):
    server = site.start(SERVER, CHAOS_HINTS="1", CHAOS_HARM="drop", CHAOS_OWN_HINTS="on")
    ayu, budi = await guest(server, "Ayu", "kitchen"), await guest(server, "Budi", "kitchen")
    async with ayu.open("kitchen") as ayu_socket, budi.open("kitchen") as budi_socket:
        await ayu_socket.hello()
        await budi_socket.hello()
        for number in range(5):
            sent = time.monotonic()
            await ayu_socket.post(f"{number}")
            await budi_socket.expect("message", text=f"{number}", timeout=WITHIN)
            assert time.monotonic() - sent < WITHIN
        assert budi_socket.texts == ["0", "1", "2", "3", "4"]


async def test_messages_stay_in_order_when_half_of_the_notifications_are_lost_repeated_or_reordered(site):
    server = site.start(SERVER, CHAOS_HINTS="0.5", CHAOS_OWN_HINTS="on")
    ayu, budi = await guest(server, "Ayu", "kitchen"), await guest(server, "Budi", "kitchen")
    async with ayu.open("kitchen") as ayu_socket, budi.open("kitchen") as budi_socket:
        await ayu_socket.hello()
        await budi_socket.hello()
        for number in range(15):
            await ayu_socket.post(f"{number}")
        await budi_socket.expect("message", text="14")
        revs = [event["rev"] for event in budi_socket.heard("message")]
        assert revs == sorted(set(revs))
        assert budi_socket.texts == [str(number) for number in range(15)]
