"""Behind a PgBouncer in transaction mode, each transaction may run on another connection to PostgreSQL."""

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta

import httpx
import pytest
from django.utils import timezone

from chat.models import Message, Presence, Room, User
from tests.pgbouncer import POOL
from tests.wire import guest, signed_in

from .two_people import hears_by_heartbeat, two_people

NO_REDIS = "redis://127.0.0.1:1/0"
PEOPLE, POSTS = 12, 15  # of each person, at the same moment as the others

# A row is fetched while another client holds the connection from which the first row came.
READ_ROWS_WHILE_OTHERS_WORK = """
import os, psycopg
from chat.models import User
rows = User.objects.order_by("pk").iterator(chunk_size=1)
first = next(rows)
with psycopg.connect(os.environ["DATABASE_URL"]) as other:
    other.execute("SELECT 1")
    print([first.name, *(user.name for user in rows)])
"""

MUTE_EVERYWHERE = """
from chat.actions import sanctions
from chat.models import User
root = User.objects.create_superuser("root", name="Root")
sanctions.impose("mute", User.objects.get(name="Alice"), by=root, reason="Spam")
"""


@pytest.fixture
def two_processes(pgbouncer, site):
    return site.start(), site.start()


async def test_two_people_talk_over_two_processes(two_processes):
    first, second = two_processes
    ayu, budi = await guest(first, "Ayu", "kitchen"), await guest(second, "Budi", "kitchen")
    async with ayu.open("kitchen") as here, budi.open("kitchen") as there:
        await here.hello()
        budi_himself = (await there.hello())["user"]
        assert await here.expect("joined", user=budi_himself)
        seq = (await here.post("Is there rice?"))["seq"]
        await there.expect("message", text="Is there rice?")
        await here.ask("edit", seq=seq, text="Is there any rice?")
        await there.expect("message", text="Is there any rice?")
        await there.ask("react", seq=seq, emoji="👍", on=True)
        await here.expect("message", reactions={"👍": [budi_himself["id"]]})
        async with budi.open_lobby() as lobby:
            await lobby.hello()
            await lobby.send("watch", rooms=["kitchen"])
            assert await lobby.expect("room")
        assert "any <mark>rice" in (await ayu.get("/search/", params={"q": "rice"})).text
    message = Message.objects.get()
    assert abs(timezone.now() - message.created_at) < timedelta(minutes=1)
    assert Presence.objects.filter(user__name__in=["Ayu", "Budi"]).count() == 2


async def test_the_heartbeat_alone_delivers_messages(pgbouncer, site):
    first, second = site.start(REDIS_URL=NO_REDIS), site.start(REDIS_URL=NO_REDIS)
    async with two_people(first, second) as (here, there):
        await hears_by_heartbeat(here, there)


async def test_many_people_share_fewer_connections_than_one_process_opens(
    pgbouncer, two_processes, site, alice
):
    """Numbers have no gaps. New rooms and a decision for all rooms wait for each other's advisory lock."""
    people = [await guest(two_processes[n % 2], f"Person {n}", "kitchen") for n in range(PEOPLE)]
    async with AsyncExitStack() as tabs:
        sockets = [await tabs.enter_async_context(person.open("kitchen")) for person in people]
        for socket in sockets:
            await socket.hello()
        await asyncio.gather(
            *(socket.post(f"{number} {n}") for n, socket in enumerate(sockets) for number in range(POSTS)),
            *(person.get("/rooms/kitchen/") for person in people),
            *(guest(two_processes[n % 2], f"Newcomer {n}", f"room {n}") for n in range(PEOPLE)),
            asyncio.to_thread(site.manage, "shell", "-v0", "-c", MUTE_EVERYWHERE),
        )
        for socket in sockets:
            await socket.wait_for_head(PEOPLE * POSTS)
            assert sorted(socket.messages) == list(range(1, PEOPLE * POSTS + 1))
    assert 1 < pgbouncer.connections().count(site.database) <= POOL
    assert Room.objects.count() == 1 + PEOPLE
    assert site.manage("audit", "verify").startswith("All 1 entries")


async def test_the_admin_opens_forms_and_exports(two_processes, alice, kitchen):
    root = signed_in(two_processes[0], User.objects.create_superuser("root", name="Root"))
    for path in (f"user/{alice.pk}/change/", f"room/{kitchen.pk}/change/", "auditentry/export/"):
        assert (await root.get(f"/admin/chat/{path}")).status_code == 200, path


def test_rows_are_read_completely_while_other_clients_use_the_connections(pgbouncer, site, alice, bob):
    assert site.manage("shell", "-v0", "-c", READ_ROWS_WHILE_OTHERS_WORK) == "['Alice', 'Bob']\n"


async def test_people_continue_when_pgbouncer_is_restarted(pgbouncer, two_processes):
    ayu = await guest(two_processes[0], "Ayu", "kitchen")
    async with ayu.open("kitchen") as socket:
        await socket.hello()
        for number in range(3):
            await socket.post(f"{number}")
            pgbouncer.kill()
            pgbouncer.start()
        await socket.post("after it")
        await socket.wait_for_head(4)
        assert socket.texts == ["0", "1", "2", "after it"]
    for process in two_processes:
        assert httpx.get(process.url + "/readyz").json()["database"] == "ok"


def test_migrations_and_maintenance(pgbouncer, stack, site):
    name = f"{site.database}-new"
    stack.postgres.create(name)
    try:
        through = {"DATABASE_URL": pgbouncer.url(name)}
        site.manage("migrate", "-v0", **through)
        site.manage("migrate", "--check", **through)
        for command in ("tidy", "purge --yes", "search_index", "renew_epoch"):
            site.manage(*command.split(), **through)
    finally:
        stack.postgres.drop(name)
