"""The channel layer is only a wake-up call: without a single hint the chat still works, a second later."""

import sys
import time

import pytest

from tests.wire import guest

SERVER = [sys.executable, "-m", "tests.chaos.web", "--port", "{port}"]


@pytest.mark.waits
async def test_with_every_hint_dropped_messages_still_arrive_in_under_two_seconds(site):
    server = site.start(SERVER, CHAOS_HINTS="1", CHAOS_HARM="drop")
    ayu, budi = await guest(server, "Ayu", "kitchen"), await guest(server, "Budi", "kitchen")
    async with ayu.open("kitchen") as hers, budi.open("kitchen") as his:
        await hers.hello()
        await his.hello()
        for number in range(5):
            sent = time.monotonic()
            await hers.post(f"{number}")
            await his.expect("message", text=f"{number}", timeout=2)
            assert time.monotonic() - sent < 2
        assert his.texts == ["0", "1", "2", "3", "4"]


async def test_with_half_of_the_hints_dropped_repeated_or_reordered_nothing_is_out_of_order(site):
    server = site.start(SERVER, CHAOS_HINTS="0.5")
    ayu, budi = await guest(server, "Ayu", "kitchen"), await guest(server, "Budi", "kitchen")
    async with ayu.open("kitchen") as hers, budi.open("kitchen") as his:
        await hers.hello()
        await his.hello()
        for number in range(15):
            await hers.post(f"{number}")
        await his.expect("message", text="14")
        revs = [event["rev"] for event in his.heard("message")]
        assert revs == sorted(set(revs))
        assert his.texts == [str(number) for number in range(15)]
