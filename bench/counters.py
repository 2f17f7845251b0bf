"""Counters of PostgreSQL and Redis during a measurement."""

from __future__ import annotations

import psycopg
import redis

from .spec import Spec

# A backend reports its counts at most once a second, so a short measurement is off by up to a second of them.
DATABASE = """
    SELECT xact_commit, tup_inserted + tup_updated + tup_deleted, tup_returned
    FROM pg_stat_database WHERE datname = current_database()
"""
PUBLISH = ("cmdstat_publish", "cmdstat_spublish")


class Counters:
    """The services of a run. Reads what they counted since it was created."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self.before = self.totals()

    def read(self) -> dict[str, float]:
        return {name: total - self.before[name] for name, total in self.totals().items()}

    def totals(self) -> dict[str, float]:
        """`redis_cpu` is in seconds, the others are numbers."""
        with psycopg.connect(self.spec.postgres, autocommit=True) as connection:
            row = connection.execute(DATABASE).fetchone()
        assert row
        with redis.Redis.from_url(self.spec.valkey) as client:
            sent = client.info("stats")["total_net_output_bytes"]
            commands, cpu = client.info("commandstats"), client.info("cpu")
        published = sum(commands[name]["calls"] for name in PUBLISH if name in commands)
        return {
            "commits": row[0],
            "rows_written": row[1],
            "rows_read": row[2],
            "published": published,
            "redis_bytes": sent,
            "redis_cpu": cpu["used_cpu_user"] + cpu["used_cpu_sys"],
        }
