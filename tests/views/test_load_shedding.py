"""What cannot be served is told to come back; nothing hangs and nothing is a 500."""

import asyncio

import pytest

from chat.views import load_shedding
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
    ayu = await guest(server, "Ayu", "kitchen")
    one = Person(server, dict(ayu.http.cookies))
    many = load_shedding.PAGES_AT_ONCE * 2
    answers = await asyncio.gather(*(one.get("/rooms/kitchen/", timeout=30) for _ in range(many)))
    assert {answer.status_code for answer in answers} <= {200, 503}
    assert any(answer.status_code == 200 for answer in answers)
    assert all(answer.headers["retry-after"] for answer in answers if answer.status_code == 503)
