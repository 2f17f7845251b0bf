"""The scenarios of the cases: each connects clients, measures, and returns its results."""

from __future__ import annotations

import asyncio

from . import proc
from .measuring import Meter, check, finish, latencies, run_for, send_one_each
from .open_loop import OpenLoop
from .pool import CONCURRENT_HANDSHAKES, ClientPool
from .spec import Spec
from .workload import Workload


async def broadcast(spec: Spec, pool: ClientPool) -> list[dict]:
    """Connect all clients, then run the workload once for each number of messages in flight."""
    await pool.connect_all(CONCURRENT_HANDSHAKES)
    return [
        {"in_flight": in_flight, **await measure_workload(spec, Workload(pool.by_room(), in_flight))}
        for in_flight in spec.in_flight
    ]


async def paced(spec: Spec, pool: ClientPool) -> list[dict]:
    """Connect all clients, then send messages by the clock."""
    await pool.connect_all(CONCURRENT_HANDSHAKES)
    return [await measure_workload(spec, OpenLoop(pool.by_room(), spec.rate))]


async def measure_workload(spec: Spec, workload: Workload) -> dict:
    workload.start()
    await run_for(spec.warm_up, workload)
    meter, delivered, completed = Meter(spec), workload.delivered, workload.completed
    workload.measuring = True
    await run_for(spec.seconds, workload)
    workload.measuring = False
    delivered, completed = workload.delivered - delivered, workload.completed - completed
    cost = meter.read()
    await finish(workload)
    return {
        "deliveries": delivered / cost["seconds"],
        "posts": completed / cost["seconds"],
        **latencies(workload.latencies),
        **cost,
        "completed": workload.completed,
        **check(workload),
    }


async def open_sockets(spec: Spec, pool: ClientPool) -> list[dict]:
    """Connect all clients, some at a time. One message in each room then shows that all receive."""
    meter = Meter(spec)
    await pool.connect_all(CONCURRENT_HANDSHAKES)
    return [{**meter.read(), **await send_one_each(pool), "retries": pool.retries}]


async def idle(spec: Spec, pool: ClientPool) -> list[dict]:
    """Measure the memory and the CPU time of open sockets on which nothing is sent."""
    before = proc.memory(spec.server)
    await pool.connect_all(CONCURRENT_HANDSHAKES)
    await asyncio.sleep(spec.warm_up)
    meter = Meter(spec)
    await asyncio.sleep(spec.seconds)
    cost, after = meter.read(), proc.memory(spec.server)
    sizes = {f"{kind}_each": (after[kind] - before[kind]) / spec.sockets for kind in after}
    return [{**cost, **sizes, "empty_pss": before["pss"], **await send_one_each(pool), "lost": pool.lost}]
