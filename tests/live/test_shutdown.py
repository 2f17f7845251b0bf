"""A web process ends within ten seconds of SIGTERM, whatever hangs. What it acknowledged is committed."""

import asyncio
import contextlib
import os
import signal
import sys
import time
import uuid

import httpx
import psycopg
import pytest

from chat.models import Message
from tests.wire import signed_in

HANGING = [sys.executable, "-m", "tests.live.hanging", "{port}"]
GONE_WITHIN = 10  # seconds


@pytest.fixture
def server(site):
    return site.start(HANGING)


@contextlib.asynccontextmanager
async def pages(server, *paths, cookies=None):
    """Pages that are asked for and not answered."""
    async with httpx.AsyncClient(base_url=server.url, cookies=cookies, timeout=60) as client:
        asked = [asyncio.create_task(client.get(path)) for path in paths]
        yield asked
        await asyncio.gather(*asked, return_exceptions=True)


async def end(server) -> tuple[int | None, float]:
    """Exit status, and seconds from SIGTERM to the end."""
    began = time.monotonic()
    status = await asyncio.to_thread(server.terminate)
    return status, time.monotonic() - began


async def arrived(server, path: str) -> None:
    """Another page is served after `path` was asked for, so that has begun."""
    await asyncio.sleep(0.1)
    async with httpx.AsyncClient(base_url=server.url, timeout=20) as client:
        await client.get("/healthz")


@pytest.mark.parametrize("path", ["/sleeps/", "/waits/"])
async def test_pages_that_never_end_do_not_keep_the_process(server, path, alice, kitchen):
    async with signed_in(server, alice).open("kitchen") as socket, pages(server, *[path] * 5) as asked:
        await socket.hello()
        await socket.post("acknowledged")
        await arrived(server, path)
        assert not any(page.done() for page in asked)
        status, seconds = await end(server)
        assert status == 0 and seconds < GONE_WITHIN
        assert await socket.closed() == 4012
    assert [message.text for message in Message.objects.all()] == ["acknowledged"]
    assert "Not everything was finished" in server.tail()


async def test_a_render_that_never_ends_does_not_keep_the_process(server, alice, kitchen):
    async with signed_in(server, alice).open("kitchen") as socket:
        await socket.hello()
        await socket.post("acknowledged")
        await socket.send("post", id=str(uuid.uuid4()), text="hang")
        await socket.send("post", id=str(uuid.uuid4()), text="behind it")
        status, seconds = await end(server)
        assert status == 0 and seconds < GONE_WITHIN
        assert not socket.heard("ack")
    assert [message.text for message in Message.objects.all()] == ["acknowledged"]


async def test_a_blocked_event_loop_does_not_keep_the_process(server):
    """The drain cannot begin. The process ends all the same, and the log says where it was stuck."""
    async with pages(server, "/blocks/") as asked:
        with pytest.raises(httpx.ReadTimeout):
            while not asked[0].done():
                await httpx.AsyncClient(base_url=server.url, timeout=1).get("/healthz")
        status, seconds = await end(server)
        assert status == 1 and seconds < GONE_WITHIN
    assert "hanging.py" in server.tail()


async def test_a_second_signal_ends_the_process_at_once(server):
    async with pages(server, "/sleeps/"):
        await arrived(server, "/sleeps/")
        server.process.send_signal(signal.SIGTERM)
        async with httpx.AsyncClient(base_url=server.url) as client:
            with pytest.raises(httpx.ConnectError):
                while True:
                    await client.get("/healthz", headers={"Connection": "close"})
        status, seconds = await end(server)
        assert status == -signal.SIGTERM and seconds < 2


async def test_a_locked_database_does_not_keep_the_process(server, site, stack, alice, kitchen):
    if not stack.full:
        pytest.skip("SQLite answers within its timeout")
    await everything_hangs_and_ends(server, alice, locked(site))


async def test_a_frozen_database_does_not_keep_the_process(server, site, stack, alice, kitchen):
    if not stack.full or not stack.postgres.process:
        pytest.skip("needs a PostgreSQL of its own")
    await everything_hangs_and_ends(server, alice, frozen(site, stack))


async def everything_hangs_and_ends(server, alice, hanging):
    person = signed_in(server, alice)
    async with person.open("kitchen") as socket:
        await socket.hello()
        await socket.post("acknowledged")
        await socket.expect("message", text="acknowledged")
        with hanging:
            async with pages(
                server, *["/", "/rooms/kitchen/"] * 5, cookies=dict(person.http.cookies)
            ) as asked:
                await socket.send("post", id=str(uuid.uuid4()), text="not acknowledged")
                await arrived(server, "/")
                assert not any(page.done() for page in asked)
                status, seconds = await end(server)
                assert status == 0 and seconds < GONE_WITHIN
    assert "acknowledged" in [message.text for message in Message.objects.all()]


@contextlib.contextmanager
def locked(site):
    with psycopg.connect(site.env["DATABASE_URL"]) as locker:
        locker.execute("LOCK TABLE chat_room, chat_user, django_session IN ACCESS EXCLUSIVE MODE")
        yield


@contextlib.contextmanager
def frozen(site, stack):
    """The server accepts no connection, and those of this site get no answer."""
    with psycopg.connect(stack.postgres.url("postgres")) as connection:
        rows = connection.execute("SELECT pid FROM pg_stat_activity WHERE datname = %s", [site.database])
        stopped = [stack.postgres.pid, *(pid for (pid,) in rows)]
    try:
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)
        yield
    finally:
        for pid in reversed(stopped):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
