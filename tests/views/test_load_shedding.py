"""Load shedding: a request that cannot be served now gets a 503 with Retry-After, never a 500."""

import asyncio
import re

import pytest
from django.contrib import admin
from django.urls import get_resolver

from chat.refusals import Refusal
from chat.views import load_shedding
from chat.views.load_shedding import Queue
from tests.wire import Person, guest


async def test_pages_answer_503_while_the_database_is_down_and_recover_with_it(site, stack):
    if not stack.postgres:
        pytest.skip("SQLite has no server to stop")
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


async def test_every_request_of_a_burst_gets_its_page_or_a_503(server):
    clients = [Person(server) for _ in range(170)]  # more than may wait from one IP address
    answers = await asyncio.gather(*(client.get("/accounts/login/", timeout=60) for client in clients))
    assert {answer.status_code for answer in answers} <= {200, 503}
    assert any(answer.status_code == 200 for answer in answers)
    assert all(answer.headers["retry-after"] for answer in answers if answer.status_code == 503)


# ── the queue, without a server ──────────────────────────────────────────────────────────────────


class QueuedRequest:
    """A request from one IP address. `started` is set when its turn comes; `end()` finishes it."""

    def __init__(self, queue: Queue, ip: str) -> None:
        self.started = False
        self.may_end = asyncio.Event()
        self.task = asyncio.ensure_future(self.run(queue, ip))

    async def run(self, queue: Queue, ip: str) -> None:
        async with queue.turn(ip):
            self.started = True
            await self.may_end.wait()

    async def end(self) -> None:
        self.may_end.set()
        await self.task


def make_queue(**options) -> Queue:
    defaults = {"at_once": 3, "per_ip": 2, "waiting": 10, "waiting_per_ip": 4, "patience": 30}
    return Queue(**defaults | options)


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def started(*requests: QueuedRequest) -> list[bool]:
    await settle()
    return [request.started for request in requests]


async def test_one_ip_address_cannot_take_all_turns():
    queue = make_queue()
    requests = [QueuedRequest(queue, "192.0.2.1") for _ in range(4)]
    other = QueuedRequest(queue, "192.0.2.2")
    assert await started(*requests, other) == [True, True, False, False, True]
    await other.end()
    assert await started(*requests) == [True, True, False, False]
    await requests[0].end()
    assert await started(*requests) == [True, True, True, False]
    for request in requests:
        request.may_end.set()
    await asyncio.gather(*(request.task for request in requests))
    assert not queue._served and not queue._waiting and not queue._waiting_of


async def test_an_ip_address_with_too_many_waiting_requests_is_refused_at_once_and_others_are_served():
    queue = make_queue()
    requests = [QueuedRequest(queue, "192.0.2.1") for _ in range(6)]
    await settle()
    with pytest.raises(Refusal) as refused:
        async with queue.turn("192.0.2.1"):
            pass
    assert refused.value.code == "busy" and refused.value.retry_after_ms
    assert await started(QueuedRequest(queue, "192.0.2.2")) == [True]
    assert await started(*requests) == [True, True, False, False, False, False]


async def test_a_request_that_waits_too_long_is_refused_and_leaves_the_queue():
    queue = make_queue(at_once=1, patience=0.01)
    first = QueuedRequest(queue, "192.0.2.1")
    await settle()
    with pytest.raises(Refusal):
        async with queue.turn("192.0.2.2"):
            pass
    await first.end()
    assert not queue._served and not queue._waiting and not queue._waiting_of


@pytest.mark.parametrize("turn_came", [False, True])
async def test_a_cancelled_request_does_not_block_the_queue(turn_came):
    queue = make_queue(at_once=1)
    first, cancelled, last = (QueuedRequest(queue, f"192.0.2.{number}") for number in range(3))
    await settle()
    if turn_came:  # its turn comes at the moment of the cancellation
        first.may_end.set()
        while len(queue._waiting) == 2:
            await asyncio.sleep(0)
    cancelled.task.cancel()
    await asyncio.gather(cancelled.task, return_exceptions=True)
    await first.end()
    assert await started(last) == [True]
    await last.end()
    assert not queue._served and not queue._waiting and not queue._waiting_of


def test_every_view_that_hashes_a_password_uses_the_hashing_queue():
    hashing = re.compile("login|signup|first|invite|password|user_add|delete_account")
    names = set()
    for prefix, patterns in (("", get_resolver()), ("admin:", admin.site.urls[0])):
        for pattern in getattr(patterns, "url_patterns", patterns):
            names |= {f"{prefix}{each.name}" for each in walk(pattern) if each.name}
    no_hash = {"password_reset", "admin:password_change", "admin:password_change_done"}
    assert {name for name in names if hashing.search(name)} - no_hash == load_shedding.HASHING


def walk(pattern):
    if hasattr(pattern, "url_patterns"):
        if getattr(pattern, "namespace", None) != "admin":
            for each in pattern.url_patterns:
                yield from walk(each)
    else:
        yield pattern
