"""The limits of what all web processes share: one PostgreSQL and one Redis. Which is reached first?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .needs import BUSY, Needs

# Estimated, for a machine of its own with SSDs and a network of 1 Gbit/s.
POSTGRES_CORES = 16
ROWS_WRITTEN = 30_000  # per second
CONNECTIONS = 500  # beyond it PgBouncer
NETWORK = 125_000_000  # bytes per second
CONNECTIONS_OF_PROCESS = 16  # at most; chatproject.settings


@dataclass(frozen=True)
class Limit:
    title: str
    share: Callable[[Needs], float]  # 1 is the limit


LIMITS = (
    Limit("CPU of PostgreSQL", lambda needs: needs.postgres_cpu / (POSTGRES_CORES * BUSY)),
    Limit("rows that PostgreSQL writes", lambda needs: needs.rows_written / ROWS_WRITTEN),
    Limit(
        "connections to PostgreSQL",
        lambda needs: needs.processes * CONNECTIONS_OF_PROCESS / CONNECTIONS,
    ),
    Limit("the core of Redis", lambda needs: needs.redis_cpu / BUSY),
    Limit("network of Redis", lambda needs: needs.redis_bytes / NETWORK),
)


def used(needs: Needs) -> list[tuple[float, str]]:
    """(share, title) of all limits, the one that is reached first in front."""
    return sorted(((limit.share(needs), limit.title) for limit in LIMITS), reverse=True)
