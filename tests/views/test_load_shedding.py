"""Requests that cannot be served are told to come back; nothing hangs and nothing is a 500."""

import asyncio
import re

import pytest
from django.contrib import admin
from django.urls import get_resolver

from chat.refusals import Refusal
from chat.views import load_shedding
from chat.views.load_shedding import Queue
from tests.wire import Person, guest


async def test_with_the_database_away_pages_say_so_and_come_back_with_it(site, stack):
    if not stack.postgres:
        pytest.skip("SQLite has no server that could be away")
    server = site.start()
    ayu = await guest(server, "Ayu", "kitchen")
    stack.postgres.stop()
    try:
        page = await ayu.get("/rooms/kitchen/")
        assert page.status_code == 503
        assert page.headers["retry-after"] == "2"
        assert "Try again" in page.text
        assert (await ayu.get("/healthz")).status_code == 200
    finally:
        stack.postgres.start()
    async with asyncio.timeout(10):
        while (await ayu.get("/rooms/kitchen/")).status_code != 200:
            await asyncio.sleep(0.1)


async def test_more_pages_at_once_than_can_be_served_are_answered_all_the_same(server):
    strangers = [Person(server) for _ in range(170)]  # more than may wait from one IP address
    answers = await asyncio.gather(*(one.get("/accounts/login/", timeout=60) for one in strangers))
    assert {answer.status_code for answer in answers} <= {200, 503}
    assert any(answer.status_code == 200 for answer in answers)
    assert all(answer.headers["retry-after"] for answer in answers if answer.status_code == 503)


# ── the queue, without a server ──────────────────────────────────────────────────────────────────


class Visit:
    """A request of one IP address: `begun` once it has its turn, until `end()`."""

    def __init__(self, queue: Queue, ip: str) -> None:
        self.begun = False
        self.may_end = asyncio.Event()
        self.task = asyncio.ensure_future(self.run(queue, ip))

    async def run(self, queue: Queue, ip: str) -> None:
        async with queue.turn(ip):
            self.begun = True
            await self.may_end.wait()

    async def end(self) -> None:
        self.may_end.set()
        await self.task


def queue(**options) -> Queue:
    usual = {"at_once": 3, "per_ip": 2, "waiting": 10, "waiting_per_ip": 4, "patience": 30}
    return Queue(**usual | options)


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def begun(*visits: Visit) -> list[bool]:
    await settle()
    return [visit.begun for visit in visits]


async def test_one_ip_address_never_takes_all_turns():
    here = queue()
    crowd = [Visit(here, "192.0.2.1") for _ in range(4)]
    other = Visit(here, "192.0.2.2")
    assert await begun(*crowd, other) == [True, True, False, False, True]
    await other.end()
    assert await begun(*crowd) == [True, True, False, False]
    await crowd[0].end()
    assert await begun(*crowd) == [True, True, True, False]
    for visit in crowd:
        visit.may_end.set()
    await asyncio.gather(*(visit.task for visit in crowd))
    assert not here._served and not here._waiting and not here._waiting_of


async def test_a_full_queue_refuses_at_once_and_leaves_room_for_others():
    here = queue()
    crowd = [Visit(here, "192.0.2.1") for _ in range(6)]
    await settle()
    with pytest.raises(Refusal) as refused:
        async with here.turn("192.0.2.1"):
            pass
    assert refused.value.code == "busy" and refused.value.retry_after_ms
    assert await begun(Visit(here, "192.0.2.2")) == [True]
    assert await begun(*crowd) == [True, True, False, False, False, False]


async def test_a_request_that_waits_too_long_is_refused_and_forgotten():
    here = queue(at_once=1, patience=0.01)
    first = Visit(here, "192.0.2.1")
    await settle()
    with pytest.raises(Refusal):
        async with here.turn("192.0.2.2"):
            pass
    await first.end()
    assert not here._served and not here._waiting and not here._waiting_of


@pytest.mark.parametrize("called_before", [False, True])
async def test_a_client_that_gives_up_blocks_nobody(called_before):
    here = queue(at_once=1)
    first, gone, last = (Visit(here, f"192.0.2.{number}") for number in range(3))
    await settle()
    if called_before:  # its turn comes in the moment in which it gives up
        first.may_end.set()
        while len(here._waiting) == 2:
            await asyncio.sleep(0)
    gone.task.cancel()
    await asyncio.gather(gone.task, return_exceptions=True)
    await first.end()
    assert await begun(last) == [True]
    await last.end()
    assert not here._served and not here._waiting and not here._waiting_of


def test_every_page_that_hashes_a_password_is_in_the_queue_for_it():
    wanted = re.compile("login|signup|first|invite|password|user_add")
    named = set()
    for prefix, patterns in (("", get_resolver()), ("admin:", admin.site.urls[0])):
        for pattern in getattr(patterns, "url_patterns", patterns):
            named |= {f"{prefix}{each.name}" for each in walk(pattern) if each.name}
    no_hash = {"password_reset", "admin:password_change", "admin:password_change_done"}
    assert {name for name in named if wanted.search(name)} - no_hash == load_shedding.HASHING


def walk(pattern):
    if hasattr(pattern, "url_patterns"):
        if getattr(pattern, "namespace", None) != "admin":
            for each in pattern.url_patterns:
                yield from walk(each)
    else:
        yield pattern
