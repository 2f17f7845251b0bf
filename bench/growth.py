"""Case g: the response times of pages and queries as the database grows.

Three servers run at the same time, one for each size of database, and are measured in turn, so that other
load on the machine affects all of them alike.
"""

from __future__ import annotations

import http.client
import json
import os
import statistics
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from time import perf_counter

from .contestants import OBROLAN, Contestant, Environment, obrolan_variables, sessions
from .growth_data import MIN_MESSAGES, fill_postgres, fill_sqlite

Serving = Callable[[Contestant, Environment], AbstractContextManager[tuple[list[int], list[int]]]]

SIZES = (1_000, 100_000, 1_000_000)  # messages
ROOMS = (10, 1_000)
ROUNDS = 3  # of bench.queries
REQUESTS = 25  # for each page and server; the servers share a rate limit of 100 pages for each person
WARM_UP_REQUESTS = 3  # for each page, not counted
ROOM = "room0"  # the measured room


def run(environment: Environment, serving: Serving) -> list[dict]:
    """Measure all sizes. `serving` starts a contestant and yields its ports and process ids."""
    results: list[dict] = []
    OBROLAN.prepare(environment)
    administrator, *users = sessions(environment).read_text().splitlines()[:5]
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
            results += time_pages(servers, rooms, administrator, users)
            results += plans(variables[max(SIZES)], rooms, "PostgreSQL")
    results += plans(fill_sqlite(environment), ROOMS[0], "SQLite")
    return results


def time_pages(servers: dict, rooms: int, administrator: str, users: list[str]) -> list[dict]:
    """A page is opened more often than a person may open pages, so each has a person of its own."""
    middle = MIN_MESSAGES // 2
    pages = {
        "room page": (users[0], f"/rooms/{ROOM}/"),
        "older messages": (users[1], f"/rooms/{ROOM}/messages/?before={middle + 1}&limit=50"),
        "permalink": (users[2], f"/rooms/{ROOM}/{middle}/"),
        "lobby": (users[3], "/"),
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
