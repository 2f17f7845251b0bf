"""How pages and queries grow: three servers, one on each size of database, asked in turn.

The databases are filled by SQL. Each path is asked of all sizes in turn, so that whatever else the machine
does falls on all of them alike. The room that is looked at has a full page in each of them.
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
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING

import psycopg

from .people import PEOPLE
from .people import ROOMS as PREPARED

if TYPE_CHECKING:
    from .contestants import Stage

SIZES = (1_000, 100_000, 1_000_000)  # messages
ROOMS = (10, 1_000)
ROUNDS = 3  # of the queries in process
ASKED = 40  # times each page
LOOKED_AT = "room0"
AT_LEAST = 500  # messages in the room looked at
SMALL = 100_000  # messages in SQLite, for its plans

FILL_ROOMS = """
    INSERT INTO chat_room (slug, name, topic, kind, head, epoch, created_at)
    SELECT 'more' || n, 'More ' || n, '', 'public', 0, gen_random_uuid(), now()
    FROM generate_series(1, %(rooms)s - %(prepared)s) AS n;
    CREATE TEMP TABLE spare AS SELECT id FROM chat_room ORDER BY id OFFSET %(rooms)s;
    DELETE FROM chat_membership WHERE room_id IN (SELECT id FROM spare);
    DELETE FROM chat_room WHERE id IN (SELECT id FROM spare);
"""
# Message n goes to room n modulo the rooms, but for the first AT_LEAST; a window counts its number there.
FILL_MESSAGES = """
    WITH
    rooms AS (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM chat_room),
    people AS (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM chat_user),
    numbers AS ({numbers}),
    said AS (
        SELECT n, CASE WHEN n < {at_least} THEN 0 ELSE n % {rooms} END AS place,
               'Message ' || n || ': the kettle is on, who wants tea and who wants coffee?' AS words
        FROM numbers
    )
    INSERT INTO chat_message
        (room_id, seq, rev, author_id, client_id, text, html, html_version, reactions, created_at)
    SELECT rooms.id, row_number() OVER (PARTITION BY rooms.id ORDER BY n),
           row_number() OVER (PARTITION BY rooms.id ORDER BY n), people.id, {uuid},
           words, '<p>' || words || '</p>', 1, '{{}}', {moment}
    FROM said
    JOIN rooms ON rooms.place = said.place
    JOIN people ON people.place = n % {people}
    ORDER BY n;
    UPDATE chat_room
    SET head = coalesce((SELECT max(rev) FROM chat_message WHERE room_id = chat_room.id), 0);
"""


def run(stage: Stage) -> list[dict]:
    from .contestants import OBROLAN, obrolan_environment, sessions

    results: list[dict] = []
    OBROLAN.prepare(stage)
    administrator, person = sessions(stage).read_text().splitlines()[:2]
    for rooms in ROOMS:
        with ExitStack() as stack:
            servers, environments = {}, {}
            for size in SIZES:
                name = f"growth{size}"
                stage.postgres.drop(name)
                stage.postgres.create(name, template=OBROLAN.database)
                fill_postgres(stage.postgres.url(name), size, rooms)
                environments[size] = environment = obrolan_environment(stage, name)
                grown = replace(OBROLAN, database="", environment=lambda stage, given=environment: given)
                servers[size] = stack.enter_context(serving_one(grown, stage))
            results += queries(environments, rooms)
            results += pages(servers, rooms, administrator, person)
            results += plans(environments[max(SIZES)], rooms, "PostgreSQL")
    results += plans(small_sqlite(stage), ROOMS[0], "SQLite")
    return results


def serving_one(contestant, stage: Stage):
    from .run import serving

    return serving(contestant, stage)


def fill_postgres(url: str, messages: int, rooms: int) -> None:
    with psycopg.connect(url, autocommit=True, cursor_factory=psycopg.ClientCursor) as connection:
        connection.execute(FILL_ROOMS, {"rooms": rooms, "prepared": PREPARED})
        connection.execute(
            FILL_MESSAGES.format(
                numbers=f"SELECT n FROM generate_series(0, {messages - 1}) AS n",
                uuid="gen_random_uuid()",
                moment=f"now() - ({messages} - n) * interval '1 second'",
                rooms=rooms,
                people=PEOPLE,
                at_least=AT_LEAST,
            )
        )
        connection.execute("VACUUM ANALYZE")


def small_sqlite(stage: Stage) -> dict[str, str]:
    """The environment of an Obrolan on SQLite with SMALL messages."""
    from .contestants import ROOT, obrolan_environment, run

    environment = {**obrolan_environment(stage), "DATABASE_URL": "", "REDIS_URL": ""}
    whole = {**os.environ, **environment}
    run(stage, [sys.executable, "manage.py", "migrate", "--verbosity=0"], cwd=ROOT, env=whole)
    run(stage, [sys.executable, "-m", "bench.people", str(stage.folder / "unused.txt")], cwd=ROOT, env=whole)
    with sqlite3.connect(stage.folder / "var" / "obrolan.sqlite3") as connection:
        connection.executescript(
            FILL_MESSAGES.format(
                numbers="WITH RECURSIVE count (n) AS "
                f"(SELECT 0 UNION ALL SELECT n + 1 FROM count WHERE n + 1 < {SMALL}) SELECT n FROM count",
                uuid="lower(hex(randomblob(16)))",
                moment=f"datetime('now', '-' || ({SMALL} - n) || ' seconds')",
                rooms=PREPARED,
                people=PEOPLE,
                at_least=AT_LEAST,
            )
            + "ANALYZE;"
        )
    return environment


def pages(servers: dict, rooms: int, administrator: str, person: str) -> list[dict]:
    paths = {
        "room page": (person, lambda head: f"/rooms/{LOOKED_AT}/"),
        "scroll back": (person, lambda head: f"/rooms/{LOOKED_AT}/messages/?before={head // 2 + 1}&limit=50"),
        "permalink": (person, lambda head: f"/rooms/{LOOKED_AT}/{head // 2 or 1}/"),
        "lobby": (person, lambda head: "/"),
        "admin's messages": (administrator, lambda head: "/admin/chat/message/"),
    }
    results = []
    for what, (cookie, path) in paths.items():
        times: dict[int, list[float]] = {size: [] for size in servers}
        for turn in range(ASKED + 3):
            for size, (ports, _) in servers.items():
                seconds = ask(ports[0], path(AT_LEAST), cookie)
                if turn >= 3:
                    times[size].append(seconds)
        results += [
            {"what": what, "rooms": rooms, "messages": size, "ms": statistics.median(taken) * 1000}
            for size, taken in times.items()
        ]
    return results


def ask(port: int, path: str, cookie: str) -> float:
    """Seconds until the whole answer is here. Raises RuntimeError for anything but a page."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    started = perf_counter()
    connection.request("GET", path, headers={"Cookie": cookie})
    answer = connection.getresponse()
    answer.read()
    seconds = perf_counter() - started
    connection.close()
    if answer.status != 200:
        raise RuntimeError(f"{path} answered {answer.status}")
    return seconds


def queries(environments: dict[int, dict[str, str]], rooms: int) -> list[dict]:
    """What the sockets ask of the database, in rounds over the sizes."""
    taken: dict[tuple[str, int], list[float]] = defaultdict(list)
    for _ in range(ROUNDS):
        for size, environment in environments.items():
            for each in in_process(environment, "--time"):
                taken[each["what"], size] += each["seconds"]
    return [
        {"what": what, "rooms": rooms, "messages": size, "ms": statistics.median(seconds) * 1000}
        for (what, size), seconds in taken.items()
    ]


def plans(environment: dict[str, str], rooms: int, database: str) -> Iterable[dict]:
    return [{**each, "rooms": rooms, "database": database} for each in in_process(environment, "--explain")]


def in_process(environment: dict[str, str], option: str) -> list[dict]:
    """bench/plans.py, in an Obrolan's environment."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.plans", LOOKED_AT, option],
        env={**os.environ, **environment}, stdout=subprocess.PIPE, check=True, timeout=300,
    )  # fmt: skip
    return json.loads(done.stdout)
