"""`python -m bench.serve`: `manage.py serve` with gauges of its heartbeat and its event loop.

The gauges are in the file BENCH_GAUGES. The application itself has no code for them.
"""

from __future__ import annotations

import os
import sys
from asyncio import AbstractEventLoop
from pathlib import Path
from time import perf_counter, thread_time
from typing import Any

from .gauges import HEARTBEAT, PASS, PASS_CPU, Gauges


def main(*options: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatproject.settings")
    import django
    from django.core.management import execute_from_command_line

    django.setup()
    from chat.live import heartbeat
    from chat.live.server import server  # installs Twisted's reactor

    gauges = Gauges(Path(os.environ["BENCH_GAUGES"]))
    watch_passes(server.reactor._asyncioEventloop, gauges)
    watch_heartbeat(heartbeat.Heartbeat, heartbeat.BEAT, gauges)
    execute_from_command_line(["manage.py", "serve", *options])


def watch_passes(loop: AbstractEventLoop | Any, gauges: Gauges) -> None:
    """A pass is the time from the end of one call of `select` to the beginning of the next."""
    select = loop._selector.select
    began = began_cpu = 0.0

    def timed(timeout: float | None = None):
        nonlocal began, began_cpu
        if began:
            gauges.note(PASS, perf_counter() - began)
            gauges.note(PASS_CPU, thread_time() - began_cpu)
        found = select(timeout)
        began, began_cpu = perf_counter(), thread_time()
        return found

    loop._selector.select = timed


def watch_heartbeat(heartbeat: Any, pause: float, gauges: Gauges) -> None:
    """The next heartbeat is due `pause` seconds after the end of the last one."""
    beat = heartbeat.beat
    due = 0.0

    async def timed(self) -> None:
        nonlocal due
        await beat(self)
        now = perf_counter()
        if due:
            gauges.note(HEARTBEAT, now - due)
        due = now + pause

    heartbeat.beat = timed


if __name__ == "__main__":
    main(*sys.argv[1:])
