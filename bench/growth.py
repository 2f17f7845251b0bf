"""How pages and queries grow: three servers, one on each size of database, asked in turn.

The databases are filled by SQL. Each path is asked of all sizes in turn, so that whatever else the machine does
falls on all of them alike.
"""

from __future__ import annotations

import http.client
import json
import os
import statistics
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING

import psycopg

if TYPE_CHECKING:
    from .contestants import Stage

SIZES = (1_000, 100_000, 1_000_000)  # messages
ROOMS = (10, 1_000)
ASKED = 40  # times each
LATEST_ROOM = "room0"

FILL = """
    INSERT INTO chat_room (slug, name, topic, kind, head, epoch, created_at)
    SELECT 'more' || n, 'More ' || n, '', 'public', 0, gen_random_uuid(), now()
    FROM generate_series(1, %(rooms)s - 100) AS n;
    DELETE FROM chat_membership WHERE room_id > (SELECT id FROM chat_room ORDER BY id OFFSET %(rooms)s - 1 LIMIT 1);
    DELETE FROM chat_room WHERE id > (SELECT id FROM chat_room ORDER BY id OFFSET %(rooms)s - 1 LIMIT 1);
    INSERT INTO chat_message (room_id, seq, rev, author_id, client_id, text, html, html_version, reactions, created_at)
    SELECT rooms.id, n / %(rooms)s + 1, n / %(rooms)s + 1, people.id, gen_random_uuid(), words, '<p>' || words || '</p>',
           1, '{}', now() - (%(messages)s - n) * interval '1 second'
    FROM generate_series(0, %(messages)s - 1) AS n
    CROSS JOIN LATERAL (SELECT 'Message ' || n || ': the kettle is on, who wants tea and who wants coffee?' AS words) AS w
    JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM chat_room) AS rooms ON rooms.place = n %% %(rooms)s
    JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM chat_user) AS people ON people.place = n %% 5000;
    UPDATE chat_room SET head = coalesce((SELECT max(rev) FROM chat_message WHERE room_id = chat_room.id), 0);
"""


def run(stage: Stage) -> list[dict]:
    from .contestants import OBROLAN, obrolan_environment, sessions

    results: list[dict] = []
    OBROLAN.prepare(stage)
    administrator, person = sessions(stage).read_text().splitlines()[:2]
    for rooms in ROOMS:
        with ExitStack() as stack:
            servers = {}
            for size in SIZES:
                name = f"growth{size}"
                stage.postgres.drop(name)
                stage.postgres.create(name, template="obrolan")
                fill(stage.postgres.url(name), size, rooms)
                environment = obrolan_environment(stage, name)
                grown = replace(OBROLAN, database="", environment=lambda stage, given=environment: given)
                servers[size] = stack.enter_context(serving_one(grown, stage))
                results += queries(environment, size, rooms)
            results += pages(servers, rooms, administrator, person)
    for result in results:
        print(json.dumps({key: value for key, value in result.items() if key != "plans"}), flush=True)
    return results


def serving_one(contestant, stage: Stage):
    from .run import serving

    return serving(contestant, stage)


def fill(url: str, messages: int, rooms: int) -> None:
    with psycopg.connect(url, autocommit=True, cursor_factory=psycopg.ClientCursor) as connection:
        connection.execute(FILL, {"messages": messages, "rooms": rooms})
        connection.execute("VACUUM ANALYZE")


def pages(servers: dict, rooms: int, administrator: str, person: str) -> list[dict]:
    paths = {
        "room page": (person, lambda head: f"/rooms/{LATEST_ROOM}/"),
        "scroll back": (person, lambda head: f"/rooms/{LATEST_ROOM}/messages/?before={head // 2 + 1}&limit=50"),
        "permalink": (person, lambda head: f"/rooms/{LATEST_ROOM}/{head // 2 or 1}/"),
        "lobby": (person, lambda head: "/"),
        "admin's messages": (administrator, lambda head: "/admin/chat/message/"),
    }
    results = []
    for what, (cookie, path) in paths.items():
        times: dict[int, list[float]] = {size: [] for size in servers}
        for turn in range(ASKED + 3):
            for size, (ports, _) in servers.items():
                seconds = ask(ports[0], path(size // rooms), cookie)
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


def queries(environment: dict[str, str], size: int, rooms: int) -> list[dict]:
    """What the sockets ask of the database, and the plan of every hot query: bench/plans.py says."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.plans", LATEST_ROOM],
        env={**os.environ, **environment}, stdout=subprocess.PIPE, check=True, timeout=300,
    )  # fmt: skip
    return [{**each, "rooms": rooms, "messages": size} for each in json.loads(done.stdout)]
