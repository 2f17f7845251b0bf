"""The scenario of many tabs in the lobby: talk in some rooms, of which every tab lists the latest."""

from __future__ import annotations

import asyncio
from pathlib import Path
from time import perf_counter

from .gauges import Gauges
from .measuring import Meter, check, finish, run_for
from .open_loop import OpenLoop
from .pool import CONCURRENT_HANDSHAKES, ClientPool
from .spec import Spec

UP_TO_DATE_WITHIN = 10.0  # seconds after the last message
POLL_EVERY = 0.1  # seconds


async def lobby(spec: Spec, pool: ClientPool) -> list[dict]:
    """Measure the heartbeat and the event loop from inside. At the end every tab must know the last head of
    each room with talk that it lists.
    """
    await pool.connect_all(CONCURRENT_HANDSHAKES)
    await pool.open_tabs()
    workload, gauges = OpenLoop(pool.by_room(), spec.rate), Gauges(Path(spec.gauges))
    workload.start()
    await run_for(spec.warm_up, workload)
    meter, (frames, events) = Meter(spec), received(pool)
    gauges.reset()
    await run_for(spec.seconds, workload)
    slowest, cost = gauges.read(), meter.read()
    frames_now, events_now = received(pool)
    await finish(workload)
    checked = check(workload)
    return [
        {
            **slowest,
            **cost,
            "list_frames": (frames_now - frames) / cost["seconds"],
            "list_events": (events_now - events) / cost["seconds"],
            **checked,
            "missing": checked["missing"] + await behind(pool),
            "faults": checked["faults"] + pool.lost,
        }
    ]


def received(pool: ClientPool) -> tuple[int, int]:
    """Frames and events with changes of listed rooms, to all tabs."""
    return sum(tab.frames for tab in pool.tabs), sum(tab.events for tab in pool.tabs)


async def behind(pool: ClientPool) -> int:
    """Wait until all tabs are up to date. Returns the number of heads that did not arrive in time."""
    heads = {client.room: client.cursor for client in pool.clients if hasattr(client, "cursor")}
    deadline = perf_counter() + UP_TO_DATE_WITHIN
    while (missing := sum(tab.behind(heads) for tab in pool.tabs)) and perf_counter() < deadline:
        await asyncio.sleep(POLL_EVERY)
    return missing
