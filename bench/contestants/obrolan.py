"""Obrolan as a contestant: with the settings of the stack, but higher limits per person and IP address."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

import psycopg

from .builds import ROOT, run
from .contestant import Contestant, Environment

UNLIMITED = "1000000"  # for the limits per person and IP address, which the benchmark must not run into
SECRET_KEY = "bench-only-and-long-enough-to-be-taken-for-a-real-one"


def obrolan_variables(environment: Environment, database: str = "bench") -> dict[str, str]:
    return {
        "DATABASE_URL": environment.postgres.url(database),
        "REDIS_URL": environment.valkey.url,
        "SECRET_KEY": SECRET_KEY,
        "ALLOWED_HOSTS": "127.0.0.1",
        "OBROLAN_DATA": str(environment.folder / "var"),
        "OBROLAN_PLAIN_HTTP": "on",
        "OBROLAN_SOCKETS_PER_PERSON": UNLIMITED,
        "OBROLAN_SOCKETS_PER_ADDRESS": UNLIMITED,
        "OBROLAN_POST_RATE": UNLIMITED,
        "OBROLAN_POST_BURST": UNLIMITED,
        "OBROLAN_LOG_LEVEL": "WARNING",
    }


def build_obrolan(environment: Environment) -> None:
    """Create the template database: migrated, with rooms and with users who are logged in."""
    environment.postgres.create("obrolan")
    variables = {**os.environ, **obrolan_variables(environment, "obrolan")}
    run(environment, [sys.executable, "manage.py", "migrate", "--verbosity=0"], cwd=ROOT, env=variables)
    run(
        environment, [sys.executable, "-m", "bench.seed", str(sessions(environment))], cwd=ROOT, env=variables
    )
    with psycopg.connect(environment.postgres.url("obrolan"), autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")  # in production, autovacuum has run by now


def sessions(environment: Environment) -> Path:
    """The file of Cookie headers that bench.seed writes."""
    return environment.folder / "sessions.txt"


def address(port: int) -> list[str]:
    return ["--host", "127.0.0.1", "--port", str(port)]


OBROLAN = Contestant(
    name="obrolan",
    title="Obrolan",
    protocol="obrolan",
    command=lambda port: [sys.executable, "manage.py", "serve", *address(port)],
    folder=ROOT,
    build=build_obrolan,
    variables=obrolan_variables,
    database="obrolan",
    ready="/readyz",
)


def with_gauges(gauges: Path) -> Contestant:
    """Obrolan with its heartbeat and its event loop measured from inside, into this file of bench.gauges."""
    return replace(
        OBROLAN,
        command=lambda port: [sys.executable, "-m", "bench.serve", *address(port)],
        variables=lambda environment: {**obrolan_variables(environment), "BENCH_GAUGES": str(gauges)},
    )
