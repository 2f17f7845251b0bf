"""The health checks `/healthz` and `/readyz`."""

import asyncio
import socket
import time

import httpx
import psycopg
import pytest

from chat.views import health
from tests import services

STATE = {"database": "ok", "migrations": "ok", "layer": "ok"}


async def test_healthz_answers_under_any_host_name(server):
    async with httpx.AsyncClient(base_url=server.url, headers={"Host": "10.1.2.3"}) as probe:
        assert (await probe.get("/healthz")).json() == {"alive": True}
        assert (await probe.get("/readyz")).status_code == 200


async def test_readyz_reports_the_state_of_each_part(server, stack):
    answer = httpx.get(server.url + "/readyz")
    layer = "ok" if stack.full else "in-memory"
    assert answer.json() == {"ready": True, "database": "ok", "migrations": "ok", "layer": layer}


async def test_readyz_reports_an_unreachable_redis_and_healthz_stays_ok(site):
    server = site.start(REDIS_URL=f"redis://127.0.0.1:{services.free_port()}/0")
    answer = httpx.get(server.url + "/readyz")
    assert (
        answer.status_code == 503 and answer.json()["layer"] == "down" and answer.json()["database"] == "ok"
    )
    assert httpx.get(server.url + "/healthz").status_code == 200


async def test_readyz_reports_an_unresponsive_redis_within_three_seconds(site):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        server = site.start(REDIS_URL=f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
        answer = httpx.get(server.url + "/readyz", timeout=4)
    assert answer.status_code == 503 and answer.json()["layer"] == "down"


async def test_readyz_reports_an_unapplied_migration(server):
    from django.db.migrations.recorder import MigrationRecorder

    MigrationRecorder.Migration.objects.filter(app="chat").latest("pk").delete()
    answer = httpx.get(server.url + "/readyz")
    assert answer.status_code == 503 and answer.json()["migrations"] == "unapplied"


async def test_readyz_reports_an_unreachable_database_and_healthz_stays_ok(site, stack, tmp_path):
    """On SQLite the database is unreachable when its file cannot be opened."""
    if stack.full:
        server = site.start(DATABASE_URL=f"postgres://nobody@127.0.0.1:{services.free_port()}/nothing")
    else:
        server = site.start(DATABASE_URL=f"sqlite:///{tmp_path}/nowhere/obrolan.sqlite3")
    answer = httpx.get(server.url + "/readyz", timeout=4)
    assert answer.status_code == 503 and answer.json()["database"] in ("down", "silent")
    assert httpx.get(server.url + "/healthz").status_code == 200


async def test_one_check_a_second_serves_every_client(monkeypatch):
    checks = count_checks(monkeypatch)
    readiness = health.Readiness()
    first = await asyncio.gather(*[readiness.state() for _ in range(500)])
    assert first == [STATE] * 500 and len(checks) == 1
    clock = time.monotonic()
    monkeypatch.setattr(health, "monotonic", lambda: clock + health.FRESH_FOR + 1)
    assert await readiness.state() == STATE and len(checks) == 2


async def test_a_client_that_disconnects_does_not_cancel_the_check_for_the_others(monkeypatch):
    count_checks(monkeypatch)
    readiness = health.Readiness()
    leaves, stays = [asyncio.ensure_future(readiness.state()) for _ in range(2)]
    await asyncio.sleep(0)
    leaves.cancel()
    assert await stays == STATE


async def test_one_check_waits_while_the_database_hangs(site, stack):
    if not stack.full:
        pytest.skip("SQLite's reads do not hang")
    server = site.start()
    async with httpx.AsyncClient(base_url=server.url, timeout=20) as client:
        assert (await client.get("/readyz")).status_code == 200
        with psycopg.connect(site.env["DATABASE_URL"]) as locker:
            locker.execute("LOCK TABLE django_migrations")
            await wait_for_database_state(client, "silent")
            for _ in range(2):  # each check times out after 2 s, and its result is reused for FRESH_FOR
                answers = await asyncio.gather(*[client.get("/readyz") for _ in range(50)])
                assert {answer.json()["database"] for answer in answers} == {"silent"}
                await asyncio.sleep(health.FRESH_FOR)
            [(waiting,)] = locker.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            assert waiting == 1
        await wait_for_database_state(client, "ok")


async def wait_for_database_state(client: httpx.AsyncClient, database: str) -> None:
    async with asyncio.timeout(20):
        while (await client.get("/readyz")).json()["database"] != database:
            await asyncio.sleep(0.1)


def count_checks(monkeypatch) -> list[str]:
    checks: list[str] = []

    async def layer_state() -> str:
        checks.append("layer")
        await asyncio.sleep(0)
        return "ok"

    monkeypatch.setattr(health, "layer_state", layer_state)
    monkeypatch.setattr(health, "database_state", lambda: {"database": "ok", "migrations": "ok"})
    return checks
