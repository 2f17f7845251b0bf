"""A web process exits within ten seconds of SIGTERM even if requests or the database hang.

Acknowledged messages are committed.
"""

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
EXIT_WITHIN = 10  # seconds


@pytest.fixture
def server(site):
    return site.start(HANGING)


@contextlib.asynccontextmanager
async def requests(server, *paths, cookies=None):
    """Requests in flight, as tasks."""
    async with httpx.AsyncClient(base_url=server.url, cookies=cookies, timeout=60) as client:
        pending = [asyncio.create_task(client.get(path)) for path in paths]
        yield pending
        await asyncio.gather(*pending, return_exceptions=True)


async def terminate(server) -> tuple[int | None, float]:
    """Send SIGTERM. Return the exit status and the seconds until the exit."""
    began = time.monotonic()
    status = await asyncio.to_thread(server.terminate)
    return status, time.monotonic() - began


async def wait_for_arrival(server) -> None:
    """Wait until the requests in flight have begun: a later one is answered."""
    await asyncio.sleep(0.1)
    async with httpx.AsyncClient(base_url=server.url, timeout=20) as client:
        await client.get("/healthz")


@pytest.mark.once
@pytest.mark.parametrize("path", ["/sleeps/", "/waits/"])
async def test_requests_that_never_end_do_not_delay_the_exit(server, path, alice, kitchen):
    async with signed_in(server, alice).open("kitchen") as socket, requests(server, *[path] * 5) as pending:
        await socket.hello()
        await socket.post("acknowledged")
        await wait_for_arrival(server)
        assert not any(request.done() for request in pending)
        status, seconds = await terminate(server)
        assert status == 0 and seconds < EXIT_WITHIN
        assert await socket.closed() == 4012
    assert [message.text for message in Message.objects.all()] == ["acknowledged"]
    assert "Not everything was finished" in server.tail()


@pytest.mark.once
async def test_a_render_that_never_ends_does_not_delay_the_exit(server, alice, kitchen):
    async with signed_in(server, alice).open("kitchen") as socket:
        await socket.hello()
        await socket.post("acknowledged")
        await socket.send("post", id=str(uuid.uuid4()), text="hang")
        await socket.send("post", id=str(uuid.uuid4()), text="behind it")
        status, seconds = await terminate(server)
        assert status == 0 and seconds < EXIT_WITHIN
        assert not socket.heard("ack")
    assert [message.text for message in Message.objects.all()] == ["acknowledged"]


@pytest.mark.once
async def test_a_blocked_event_loop_does_not_delay_the_exit(server):
    """The drain cannot begin. The process exits with status 1, and the log shows the blocking line."""
    async with requests(server, "/blocks/") as pending:
        with pytest.raises(httpx.ReadTimeout):
            while not pending[0].done():
                await httpx.AsyncClient(base_url=server.url, timeout=1).get("/healthz")
        status, seconds = await terminate(server)
        assert status == 1 and seconds < EXIT_WITHIN
    assert "hanging.py" in server.tail()


@pytest.mark.once
async def test_a_second_signal_ends_the_process_at_once(server):
    async with requests(server, "/sleeps/"):
        await wait_for_arrival(server)
        server.process.send_signal(signal.SIGTERM)
        async with httpx.AsyncClient(base_url=server.url) as client:
            with pytest.raises(httpx.ConnectError):
                while True:
                    await client.get("/healthz", headers={"Connection": "close"})
        status, seconds = await terminate(server)
        assert status == -signal.SIGTERM and seconds < EXIT_WITHIN / 2


async def test_a_locked_database_does_not_delay_the_exit(server, site, stack, alice, kitchen):
    if not stack.full:
        pytest.skip("SQLite's own timeout ends the wait")
    await assert_exit_in_time(server, alice, locked(site))


async def test_a_frozen_database_does_not_delay_the_exit(server, site, stack, alice, kitchen):
    if not stack.full or not stack.postgres.process:
        pytest.skip("needs a PostgreSQL server that the tests started")
    await assert_exit_in_time(server, alice, frozen(site, stack))


async def assert_exit_in_time(server, alice, outage):
    person = signed_in(server, alice)
    async with person.open("kitchen") as socket:
        await socket.hello()
        await socket.post("acknowledged")
        await socket.expect("message", text="acknowledged")
        with outage:
            async with requests(
                server, *["/", "/rooms/kitchen/"] * 5, cookies=dict(person.http.cookies)
            ) as pending:
                await socket.send("post", id=str(uuid.uuid4()), text="not acknowledged")
                await wait_for_arrival(server)
                assert not any(request.done() for request in pending)
                status, seconds = await terminate(server)
                assert status == 0 and seconds < EXIT_WITHIN
    assert "acknowledged" in [message.text for message in Message.objects.all()]


@contextlib.contextmanager
def locked(site):
    with psycopg.connect(site.env["DATABASE_URL"]) as locker:
        locker.execute("LOCK TABLE chat_room, chat_user, django_session IN ACCESS EXCLUSIVE MODE")
        yield


@contextlib.contextmanager
def frozen(site, stack):
    """Stop PostgreSQL: it accepts no connections, and those of this site get no answer."""
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
