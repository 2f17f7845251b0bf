"""The tables that are printed."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from .costs import Costs
from .demand import Demand
from .limits import used
from .needs import Needs
from .runs import Run

KIB, MB, GIB = 1024, 1_000_000, 1024**3  # bytes
NO_NUMBER = "no number of web processes is enough"
Row = tuple[str, Callable[[Demand, Needs], str]]

ROWS: tuple[Row, ...] = (
    ("sockets", lambda demand, needs: f"{demand.sockets:,.0f}"),
    ("messages/s", lambda demand, needs: f"{demand.posts:,.1f}"),
    ("deliveries/s", lambda demand, needs: f"{demand.deliveries:,.0f}"),
    ("web processes", lambda demand, needs: f"{needs.processes:,}"),
    ("CPU of each, % of a core", lambda demand, needs: f"{needs.process_cpu:.0%}"),
    ("memory of all, GiB", lambda demand, needs: f"{needs.memory / GIB:,.1f}"),
    ("hints/s to each process", lambda demand, needs: f"{needs.hints:,.0f}"),
    ("presence rows", lambda demand, needs: f"{needs.presence_rows:,.0f}"),
    ("presence rows read/s", lambda demand, needs: f"{needs.presence_read:,.0f}"),
    ("rows written/s", lambda demand, needs: f"{needs.rows_written:,.0f}"),
    ("CPU of PostgreSQL, cores", lambda demand, needs: f"{needs.postgres_cpu:,.1f}"),
    ("Redis messages/s, in", lambda demand, needs: f"{needs.published:,.0f}"),
    ("Redis messages/s, out", lambda demand, needs: f"{needs.delivered:,.0f}"),
    ("of them to all processes", lambda demand, needs: f"{needs.told_all:,.0f}"),
    ("Redis, MB/s out", lambda demand, needs: f"{needs.redis_bytes / MB:,.1f}"),
    ("CPU of Redis, cores", lambda demand, needs: f"{needs.redis_cpu:,.2f}"),
    ("first limit", lambda demand, needs: first_limit(needs)),
)


def first_limit(needs: Needs) -> str:
    share, title = used(needs)[0]
    return f"{title}, {share:.0%} used" if share <= 1 else f"**{title}, {share:.1f} × too much**"


def table(people: Sequence[int], columns: Sequence[tuple[Demand, Needs | None]]) -> str:
    lines = [
        "| people | " + " | ".join(f"{number:,}" for number in people) + " |",
        "|---" * (len(people) + 1) + "|",
    ]
    for title, cell in ROWS:
        cells = [cell(demand, needs) if needs else NO_NUMBER for demand, needs in columns]
        lines.append(f"| {title} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def as_code(costs: Costs) -> str:
    """The text of `measured.py`."""
    parts = asdict(costs)
    cores = len(os.sched_getaffinity(0))
    source = f"By `python -m bench.capacity --measure --write` on {date.today()}, on {cores} cores."
    lines = [
        f'"""{source}"""',
        "",
        "from .costs import Costs, Database, Memory, Redis, Rows, Web",
        "",
        "COSTS = Costs(",
    ]
    for part, values in parts.items():
        lines.append(f"    {part.capitalize()}(")
        lines += [f"        {name}={number(value)}," for name, value in values.items()]
        lines.append("    ),")
    return "\n".join([*lines, ")", ""])


def number(value: float) -> str:
    """Three digits, as the formatter writes them."""
    return f"{value:.3g}".replace("e+", "e")


def comparison(needs: Needs, run: Run) -> str:
    """The predicted and the measured figures of a run."""
    pairs: dict[str, tuple[float, float, Any]] = {
        "CPU of the web processes, % of a core": (needs.cpu * 100, run.cpu("server") * 100, ".1f"),
        "CPU of PostgreSQL, % of a core": (needs.postgres_cpu * 100, run.cpu("postgres") * 100, ".1f"),
        "rows written/s": (needs.rows_written, run.counted("rows_written"), ",.0f"),
        "Redis messages/s, in": (needs.published, run.counted("published"), ",.0f"),
        "Redis, kB/s out": (needs.redis_bytes / 1000, run.counted("redis_bytes") / 1000, ",.0f"),
        "CPU of Redis, % of a core": (needs.redis_cpu * 100, run.counted("redis_cpu") * 100, ".2f"),
    }
    lines = ["| | predicted | measured | deviation |", "|---|---|---|---|"]
    for title, (predicted, measured, form) in pairs.items():
        deviation = f"{predicted / measured - 1:+.0%}" if measured else "–"
        lines.append(f"| {title} | {predicted:{form}} | {measured:{form}} | {deviation} |")
    return "\n".join(lines)
