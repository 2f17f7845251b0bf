"""The needs of a number of web processes for a demand, and the number of processes that is enough."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Any

from .costs import TOLD_BYTES, TOLD_CPU, Costs
from .demand import Demand
from .work import Work, database_work, presence_read, redis_work, web_work, written

BUSY = 0.6  # of a core; a process with more work than this answers late at its busiest moments
SOCKETS = 8_000  # of a process; OBROLAN_SOCKETS is 10,000, and those of a process that restarts need space
MAX_PROCESSES = 10_000


@dataclass(frozen=True)
class Needs:
    """CPU is in cores. Rates are per second."""

    processes: int
    cpu: float  # of all web processes
    memory: float  # bytes, of all web processes
    hints: float  # that each process receives
    presence_rows: float
    presence_read: float  # rows
    rows_written: float
    postgres_cpu: float
    published: float
    delivered: float  # by Redis
    told_all: float  # part of `delivered`: rate limits and presence, which each process tells all others
    redis_bytes: float  # sent by Redis
    redis_cpu: float

    @property
    def process_cpu(self) -> float:
        return self.cpu / self.processes


def needs(wanted: Demand, processes: int, costs: Costs) -> Needs:
    redis, rows = redis_work(wanted, processes), written(wanted)
    return Needs(
        processes=processes,
        cpu=total(web_work(wanted, processes), costs.web) + redis["told"] * TOLD_CPU,
        memory=processes * costs.memory.process + (wanted.sockets + wanted.lobby) * costs.memory.socket,
        hints=redis["hints"] / processes,
        presence_rows=wanted.sockets,
        presence_read=presence_read(wanted, processes),
        rows_written=rows["post"] * costs.rows.post + rows["read"] * costs.rows.read + rows["presence"],
        postgres_cpu=total(database_work(wanted, processes), costs.database),
        published=redis["published"],
        delivered=redis["hints"] + redis["told"],
        told_all=redis["told"],
        redis_bytes=redis["hints"] * costs.redis.hint_bytes + redis["told"] * TOLD_BYTES,
        redis_cpu=redis["message"] * costs.redis.message,
    )


def total(work: Work, costs: Any) -> float:
    return sum(amount * getattr(costs, name) for name, amount in work.items())


def enough(wanted: Demand, costs: Costs) -> Needs | None:
    """The needs with the fewest processes of which none is too busy. None if no number of them is enough."""
    processes = max(1, ceil((wanted.sockets + wanted.lobby) / SOCKETS))
    while processes <= MAX_PROCESSES:
        found = needs(wanted, processes, costs)
        if found.process_cpu <= BUSY:
            return found
        processes += max(1, processes // 100)
    return None
