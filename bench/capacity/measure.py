"""Measures the costs with PostgreSQL and Valkey, in about four minutes for each round.

The CPU time of a run is the sum over all kinds of work: amount times cost. As many runs as there are kinds of
work give the costs. On a machine with other work small costs can come out as negative; they count as 0.
Nobody comes or goes in these runs, so the cost of a presence row stays that of an earlier measurement.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bench.contestants import Environment

from .costs import TOLD_BYTES, Costs, Database, Memory, Redis, Rows, Web
from .demand import Demand
from .measured import COSTS
from .runs import RUNS, Run, pages, run
from .work import Work, database_work, redis_work, web_work, written

WEB_RUNS = ("few", "idle", "talk", "spread", "crowds", "reading", "tabs")
DATABASE_RUNS = ("few", "idle", "talk", "reading")


def measure_costs(environment: Environment, rounds: int) -> Costs:
    runs = {key: run(case, environment, rounds) for key, case in RUNS.items()}
    page, database_page = pages(environment)
    opened = runs["open"].result["cpu_each"]
    idle = runs["idle"].result
    web = fit([runs[key] for key in WEB_RUNS], web_work, lambda run: run.cpu("server"))
    database = fit([runs[key] for key in DATABASE_RUNS], database_work, lambda run: run.cpu("postgres"))
    return Costs(
        Web(**web | {"opened_socket": opened, "page": page, "presence_row": COSTS.web.presence_row}),
        Memory(process=idle["empty_pss"], socket=idle["pss_each"]),
        Database(**database | {"page": database_page, "presence_row": COSTS.database.presence_row}),
        rows(runs["talk"], runs["reading"]),
        redis(runs["spread"]),
    )


def fit(runs: Sequence[Run], work: Callable[[Demand, int], Work], used: Callable[[Run], float]) -> Work:
    """The cost of each kind of work that these runs did; 0 for the others."""
    amounts = [work(run.demand, run.processes) for run in runs]
    done = [name for name in amounts[0] if any(each[name] for each in amounts)]
    found = solve([[each[name] for name in done] for each in amounts], [used(run) for run in runs])
    return dict.fromkeys(amounts[0], 0.0) | dict(zip(done, (max(0.0, cost) for cost in found), strict=True))


def solve(matrix: Sequence[Sequence[float]], values: Sequence[float]) -> list[float]:
    """Gaussian elimination with pivots. Raises ZeroDivisionError if two runs did the same."""
    rows = [[*row, value] for row, value in zip(matrix, values, strict=True)]
    for place in range(len(rows)):
        pivot = max(range(place, len(rows)), key=lambda index: abs(rows[index][place]))
        rows[place], rows[pivot] = rows[pivot], rows[place]
        rows[place] = [cell / rows[place][place] for cell in rows[place]]
        for index, row in enumerate(rows):
            if index != place:
                rows[index] = [
                    cell - row[place] * other for cell, other in zip(row, rows[place], strict=True)
                ]
    return [row[-1] for row in rows]


def rows(talk: Run, reading: Run) -> Rows:
    def of_commands(run: Run) -> float:
        return run.counted("rows_written") - written(run.demand)["presence"]

    post = of_commands(talk) / talk.demand.posts
    marks = of_commands(reading) - reading.demand.posts * post
    return Rows(post=post, read=marks / reading.demand.read_rows)


def redis(spread: Run) -> Redis:
    work = redis_work(spread.demand, spread.processes)
    hint_bytes = (spread.counted("redis_bytes") - work["told"] * TOLD_BYTES) / work["hints"]
    return Redis(message=spread.counted("redis_cpu") / work["message"], hint_bytes=hint_bytes)
