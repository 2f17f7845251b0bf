"""The slowest heartbeat and the longest pass of the event loop are noted from outside the application."""

import asyncio
import time

import pytest

from bench.gauges import HEARTBEAT, PASS, PASS_CPU, Gauges
from bench.serve import watch_heartbeat, watch_passes
from chat.live.heartbeat import BEAT, Heartbeat

pytestmark = pytest.mark.once
BLOCKED = 0.02  # seconds


@pytest.fixture
def gauges(tmp_path):
    return Gauges(Gauges.create(tmp_path / "gauges"))


def test_the_load_generator_reads_what_the_server_noted(gauges, tmp_path):
    gauges.note(PASS, 0.25)
    gauges.note(PASS, 0.125)
    reader = Gauges(tmp_path / "gauges")
    assert reader.read() == {"heartbeat_ms": 0, "pass_ms": 250, "pass_cpu_ms": 0}
    reader.reset()
    assert gauges.read()["pass_ms"] == 0


def test_a_blocked_event_loop_is_noted_but_not_the_time_in_which_it_waits(gauges):
    async def wait_and_block():
        await asyncio.sleep(10 * BLOCKED)
        time.sleep(BLOCKED)
        await asyncio.sleep(0)

    loop = asyncio.new_event_loop()
    watch_passes(loop, gauges)
    try:
        loop.run_until_complete(wait_and_block())
    finally:
        loop.close()
    assert BLOCKED * 1000 <= gauges.read()[f"{PASS}_ms"] < 10 * BLOCKED * 1000
    assert gauges.read()[f"{PASS_CPU}_ms"] < BLOCKED * 1000


def test_a_heartbeat_is_slow_by_the_time_since_it_was_due(gauges):
    class Slow:
        async def beat(self):
            await asyncio.sleep(BLOCKED)

    async def beat_twice():
        slow = Slow()
        await slow.beat()
        await slow.beat()

    watch_heartbeat(Slow, 0.0, gauges)
    asyncio.run(beat_twice())
    assert gauges.read()[f"{HEARTBEAT}_ms"] >= BLOCKED * 1000


def test_the_application_has_the_heartbeat_that_is_watched():
    assert asyncio.iscoroutinefunction(Heartbeat.beat)
    assert BEAT == 1
