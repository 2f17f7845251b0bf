"""Case g: the response times of pages and queries as the database grows.

Three servers run at the same time, one for each size of database, and are measured in turn, so that other
load on the machine affects all of them alike. The databases are filled with SQL. The measured room has enough
messages for a full page in each of them.
"""

from __future__ import annotations

import http.client
import json
import os
import sqlite3
import statistics
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from time import perf_counter

import psycopg

from .contestants import OBROLAN, ROOT, Contestant, Environment, obrolan_variables, sessions
from .contestants import run as run_command
from .seed import ROOMS as SEEDED_ROOMS
from .seed import USERS

Serving = Callable[[Contestant, Environment], AbstractContextManager[tuple[list[int], list[int]]]]

SIZES = (1_000, 100_000, 1_000_000)  # messages
ROOMS = (10, 1_000)
ROUNDS = 3  # of bench.queries
REQUESTS = 40  # for each page
WARM_UP_REQUESTS = 3  # for each page, not counted
ROOM = "room0"  # the measured room
MIN_MESSAGES = 500  # in the measured room
SQLITE_MESSAGES = 100_000  # in the SQLite database, for its query plans

FILL_ROOMS = """
    INSERT INTO chat_room (slug, name, topic, kind, head, epoch, created_at)
    SELECT 'more' || n, 'More ' || n, '', 'public', 0, gen_random_uuid(), now()
    FROM generate_series(1, %(rooms)s - %(seeded)s) AS n;
    CREATE TEMP TABLE surplus AS SELECT id FROM chat_room ORDER BY id OFFSET %(rooms)s;
    DELETE FROM chat_membership WHERE room_id IN (SELECT id FROM surplus);
    DELETE FROM chat_room WHERE id IN (SELECT id FROM surplus);
"""
# Message n is in room n modulo the number of rooms, except the first MIN_MESSAGES, which are in ROOM.
# row_number() gives each message its number within the room.
FILL_MESSAGES = """
    WITH
    rooms AS (SELECT id, row_number() OVER (ORDER BY id) - 1 AS position FROM chat_room),
    users AS (SELECT id, row_number() OVER (ORDER BY id) - 1 AS position FROM chat_user),
    numbers AS ({numbers}),
    messages AS (
        SELECT n, CASE WHEN n < {min_messages} THEN 0 ELSE n % {rooms} END AS room_position,
               'Message ' || n || ': the kettle is on, who wants tea and who wants coffee?' AS text
        FROM numbers
    )
    INSERT INTO chat_message
        (room_id, seq, rev, author_id, client_id, text, html, html_version, reactions, created_at)
    SELECT rooms.id, row_number() OVER (PARTITION BY rooms.id ORDER BY n),
           row_number() OVER (PARTITION BY rooms.id ORDER BY n), users.id, {uuid},
           text, '<p>' || text || '</p>', 1, '{{}}', {created_at}
    FROM messages
    JOIN rooms ON rooms.position = room_position
    JOIN users ON users.position = n % {users}
    ORDER BY n;
    UPDATE chat_room
    SET head = coalesce((SELECT max(rev) FROM chat_message WHERE room_id = chat_room.id), 0);
"""


def run(environment: Environment, serving: Serving) -> list[dict]:
    """Measure all sizes. `serving` starts a contestant and yields its ports and process ids."""
    results: list[dict] = []
    OBROLAN.prepare(environment)
    administrator, user = sessions(environment).read_text().splitlines()[:2]
    for rooms in ROOMS:
        with ExitStack() as stack:
            servers, variables = {}, {}
            for size in SIZES:
                name = f"growth{size}"
                environment.postgres.drop(name)
                environment.postgres.create(name, template=OBROLAN.database)
                fill_postgres(environment.postgres.url(name), size, rooms)
                variables[size] = own = obrolan_variables(environment, name)
                server = replace(OBROLAN, database="", variables=lambda environment, own=own: own)
                servers[size] = stack.enter_context(serving(server, environment))
            results += time_queries(variables, rooms)
            results += time_pages(servers, rooms, administrator, user)
            results += plans(variables[max(SIZES)], rooms, "PostgreSQL")
    results += plans(fill_sqlite(environment), ROOMS[0], "SQLite")
    return results


def fill_postgres(url: str, messages: int, rooms: int) -> None:
    with psycopg.connect(url, autocommit=True, cursor_factory=psycopg.ClientCursor) as connection:
        connection.execute(FILL_ROOMS, {"rooms": rooms, "seeded": SEEDED_ROOMS})
        connection.execute(
            FILL_MESSAGES.format(
                numbers=f"SELECT n FROM generate_series(0, {messages - 1}) AS n",
                uuid="gen_random_uuid()",
                created_at=f"now() - ({messages} - n) * interval '1 second'",
                rooms=rooms,
                users=USERS,
                min_messages=MIN_MESSAGES,
            )
        )
        connection.execute("VACUUM ANALYZE")


def fill_sqlite(environment: Environment) -> dict[str, str]:
    """Fill a SQLite database with SQLITE_MESSAGES. Returns the environment variables for it."""
    own = {**obrolan_variables(environment), "DATABASE_URL": "", "REDIS_URL": ""}
    variables = {**os.environ, **own}
    seed = [sys.executable, "-m", "bench.seed", str(environment.folder / "unused.txt")]
    run_command(
        environment, [sys.executable, "manage.py", "migrate", "--verbosity=0"], cwd=ROOT, env=variables
    )
    run_command(environment, seed, cwd=ROOT, env=variables)
    with sqlite3.connect(environment.folder / "var" / "obrolan.sqlite3") as connection:
        connection.executescript(
            FILL_MESSAGES.format(
                numbers="WITH RECURSIVE count (n) AS (SELECT 0 UNION ALL "
                f"SELECT n + 1 FROM count WHERE n + 1 < {SQLITE_MESSAGES}) SELECT n FROM count",
                uuid="lower(hex(randomblob(16)))",
                created_at=f"datetime('now', '-' || ({SQLITE_MESSAGES} - n) || ' seconds')",
                rooms=SEEDED_ROOMS,
                users=USERS,
                min_messages=MIN_MESSAGES,
            )
            + "ANALYZE;"
        )
    return own


def time_pages(servers: dict, rooms: int, administrator: str, user: str) -> list[dict]:
    middle = MIN_MESSAGES // 2
    pages = {
        "room page": (user, f"/rooms/{ROOM}/"),
        "older messages": (user, f"/rooms/{ROOM}/messages/?before={middle + 1}&limit=50"),
        "permalink": (user, f"/rooms/{ROOM}/{middle}/"),
        "lobby": (user, "/"),
        "admin: messages": (administrator, "/admin/chat/message/"),
    }
    results = []
    for name, (cookie, path) in pages.items():
        times: dict[int, list[float]] = {size: [] for size in servers}
        for turn in range(WARM_UP_REQUESTS + REQUESTS):
            for size, (ports, _) in servers.items():
                seconds = get(ports[0], path, cookie)
                if turn >= WARM_UP_REQUESTS:
                    times[size].append(seconds)
        results += [timing(name, rooms, size, taken) for size, taken in times.items()]
    return results


def get(port: int, path: str, cookie: str) -> float:
    """Seconds until the whole response has arrived. Raises RuntimeError if its status is not 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    started = perf_counter()
    connection.request("GET", path, headers={"Cookie": cookie})
    response = connection.getresponse()
    response.read()
    seconds = perf_counter() - started
    connection.close()
    if response.status != 200:
        raise RuntimeError(f"GET {path} returned {response.status}")
    return seconds


def time_queries(variables: dict[int, dict[str, str]], rooms: int) -> list[dict]:
    """Times of the queries that sockets cause, in rounds over the sizes."""
    times: dict[tuple[str, int], list[float]] = defaultdict(list)
    for _ in range(ROUNDS):
        for size, own in variables.items():
            for result in run_queries(own, "--time"):
                times[result["operation"], size] += result["seconds"]
    return [timing(name, rooms, size, seconds) for (name, size), seconds in times.items()]


def timing(operation: str, rooms: int, messages: int, seconds: list[float]) -> dict:
    ms = statistics.median(seconds) * 1000
    return {"operation": operation, "rooms": rooms, "messages": messages, "ms": ms}


def plans(variables: dict[str, str], rooms: int, database: str) -> Iterable[dict]:
    results = run_queries(variables, "--explain")
    return [{**result, "rooms": rooms, "database": database} for result in results]


def run_queries(variables: dict[str, str], option: str) -> list[dict]:
    """Run bench.queries with Obrolan's environment variables."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.queries", ROOM, option],
        env={**os.environ, **variables}, stdout=subprocess.PIPE, check=True, timeout=300,
    )  # fmt: skip
    return json.loads(done.stdout)
