"""What probes are told."""

import socket

import httpx

from tests import services


async def test_a_live_process_says_so_whatever_name_it_is_called_by(server):
    async with httpx.AsyncClient(base_url=server.url, headers={"Host": "10.1.2.3"}) as probe:
        assert (await probe.get("/healthz")).json() == {"alive": True}
        assert (await probe.get("/readyz")).status_code == 200


async def test_a_ready_process_says_what_it_stands_on(server, stack):
    answer = httpx.get(server.url + "/readyz")
    layer = "ok" if stack.full else "in-memory"
    assert answer.json() == {"ready": True, "database": "ok", "migrations": "ok", "layer": layer}


async def test_a_dead_layer_is_said_and_the_process_lives_on(site):
    server = site.start(REDIS_URL=f"redis://127.0.0.1:{services.free_port()}/0")
    answer = httpx.get(server.url + "/readyz")
    assert (
        answer.status_code == 503 and answer.json()["layer"] == "down" and answer.json()["database"] == "ok"
    )
    assert httpx.get(server.url + "/healthz").status_code == 200


async def test_a_silent_layer_is_said_within_three_seconds(site):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        server = site.start(REDIS_URL=f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
        answer = httpx.get(server.url + "/readyz", timeout=4)
    assert answer.status_code == 503 and answer.json()["layer"] == "down"


async def test_a_migration_that_was_not_applied_is_said(server):
    from django.db.migrations.recorder import MigrationRecorder

    MigrationRecorder.Migration.objects.filter(app="chat").latest("pk").delete()
    answer = httpx.get(server.url + "/readyz")
    assert answer.status_code == 503 and answer.json()["migrations"] == "unapplied"


async def test_a_dead_database_is_said_and_the_process_lives_on(site, stack, tmp_path):
    """On SQLite there is no database to lose but its file."""
    if stack.full:
        server = site.start(DATABASE_URL=f"postgres://nobody@127.0.0.1:{services.free_port()}/nothing")
    else:
        server = site.start(DATABASE_URL=f"sqlite:///{tmp_path}/nowhere/obrolan.sqlite3")
    answer = httpx.get(server.url + "/readyz", timeout=4)
    assert answer.status_code == 503 and answer.json()["database"] in ("down", "silent")
    assert httpx.get(server.url + "/healthz").status_code == 200
