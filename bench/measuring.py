"""Shared parts of the scenarios: time and CPU time, and the checks at the end of a measurement."""

from __future__ import annotations

import asyncio
import os
import statistics
from time import perf_counter

from . import proc
from .counters import Counters
from .pool import HANDSHAKE_TIMEOUT, ClientPool
from .spec import Spec
from .workload import Workload

STALL_TIMEOUT = 5.0  # seconds without any delivery; pending deliveries are lost then
DUPLICATE_WAIT = 0.3  # seconds at the end in which duplicate deliveries would still arrive


class Meter:
    """The duration of a measurement, the CPU time of each process tree in it, and what the services did."""

    def __init__(self, spec: Spec) -> None:
        self.trees = {"server": spec.server, "services": spec.services, "load": (os.getpid(),)}
        self.counters = None
        if spec.postgres:
            self.trees["postgres"] = spec.services[:1]
            self.counters = Counters(spec)
        self.started_at = perf_counter()
        self.before = {name: proc.cpu(roots) for name, roots in self.trees.items()}

    def read(self) -> dict:
        seconds = perf_counter() - self.started_at
        used = {name: round(proc.cpu(roots) - self.before[name], 3) for name, roots in self.trees.items()}
        counted = {"counters": self.counters.read()} if self.counters else {}
        return {"seconds": seconds, "cpu": used, **counted}


async def send_one_each(pool: ClientPool) -> dict:
    """Send one message in each room, and check that all clients of the room receive it."""
    workload = Workload(pool.by_room(), len(pool.spec.rooms))
    workload.start()
    workload.sending = False
    await run_for(HANDSHAKE_TIMEOUT, workload)
    await asyncio.sleep(DUPLICATE_WAIT)
    return check(workload)


async def run_for(seconds: float, workload: Workload) -> None:
    """Wait for `seconds`, until nothing is in flight, or until nothing has arrived for STALL_TIMEOUT."""
    now = perf_counter()
    end, last_delivery_at, delivered = now + seconds, now, workload.delivered
    while now < end and (workload.sending or workload.open):
        await asyncio.sleep(min(0.1, end - now))
        now = perf_counter()
        if workload.delivered != delivered:
            last_delivery_at, delivered = now, workload.delivered
        elif now - last_delivery_at > STALL_TIMEOUT:
            workload.sending = False
            return


async def finish(workload: Workload) -> None:
    """Stop sending, and wait for everything in flight and for duplicates."""
    workload.sending = False
    await run_for(STALL_TIMEOUT * 4, workload)
    await asyncio.sleep(DUPLICATE_WAIT)


def latencies(seconds: list[float]) -> dict:
    if not seconds:
        return {}
    ordered = sorted(seconds)
    return {
        "median_ms": statistics.median(ordered) * 1000,
        "p99_ms": ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))] * 1000,
    }


def check(workload: Workload) -> dict:
    return {"missing": workload.missing(), "faults": workload.faults, "examples": workload.examples}
