"""A Redis with sentinels, and a cluster. Only Redis delivers `typing`, so it shows that Redis works."""

import asyncio
from contextlib import suppress

import httpx

from tests.wire import WITHIN

from .sentinel import cluster, sentinels
from .two_people import two_people

FAILOVER = 30  # seconds
ONE_TRY = 0.5  # seconds


async def test_after_a_failover_messages_flow_through_the_new_primary(full, site, tmp_path):
    with sentinels(tmp_path) as (url, primary):
        first, second = site.start(REDIS_URL=url), site.start(REDIS_URL=url)
        async with two_people(first, second) as (here, there):
            await hears_typing(here, there)
            primary.kill()
            await here.post("meanwhile")
            await there.expect("message", text="meanwhile", timeout=WITHIN)
            await hears_typing(here, there)
            await hears_typing(there, here)
        for process in (first, second):
            assert httpx.get(process.url + "/readyz").json()["layer"] == "ok"
            lines = [line for line in process.log.read_text().splitlines() if "channel layer" in line]
            assert "works again" in lines[-1], lines
            process.stop()


async def test_two_processes_use_different_nodes_of_a_cluster(full, site, tmp_path):
    with cluster(tmp_path) as nodes:
        first, second = (site.start(REDIS_URL=node.url) for node in nodes)
        async with two_people(first, second) as (here, there):
            await hears_typing(here, there)
            await hears_typing(there, here)
        for process in (first, second):
            process.stop()


async def hears_typing(here, there):
    await there.ping()
    there.unread.clear()  # what was typed before
    async with asyncio.timeout(FAILOVER):
        while True:
            await here.send("typing")
            with suppress(AssertionError):
                await there.wait(lambda event: event["type"] == "typing", "typing", ONE_TRY)
                return
