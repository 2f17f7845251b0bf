"""The runs from which the costs are measured, and the one with which they are checked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from bench import proc
from bench.cases import Case
from bench.contestants import OBROLAN, Environment, sessions
from bench.growth import get
from bench.run import measure
from bench.serving import serving

from .demand import Demand

IDLE = Case("idle", "2,000 idle sockets", ("obrolan",), "idle", 2_000, 50, seconds=20.0, warm_up=5.0)
TALK = Case("talk", "100 messages a second in rooms of two", ("obrolan",), "paced", 200, 100, seconds=10.0,
            warm_up=3.0)  # fmt: skip
CROWDS = replace(TALK, title="100 messages a second in rooms of 40", sockets=2_000, rooms=50, rate=2)
# Each run differs from another one in one kind of work, so there are as many equations as costs.
RUNS = {
    "few": replace(IDLE, title="50 idle sockets", sockets=50),
    "idle": IDLE,
    "talk": TALK,
    "spread": replace(TALK, title="the same, with two processes", processes=2),
    "crowds": CROWDS,
    "reading": replace(CROWDS, title="the same, and all say what they read", reads=True),
    "tabs": Case("tabs", "300 tabs that list rooms with talk", ("obrolan",), "lobby", 100, 50, tabs=300,
                 all_rooms=1_000, seconds=10.0, warm_up=5.0),
    "open": Case("open", "opening 1,000 sockets", ("obrolan",), "open", 1_000, 50),
}  # fmt: skip
CHECK = replace(TALK, title="another size", sockets=1_000, rate=1.5, reads=True, processes=2, seconds=20.0)
PAGE, PAGES = "/rooms/room0/", 60


@dataclass(frozen=True)
class Run:
    """The work of a run, and the resources that it used each second. CPU is in cores."""

    demand: Demand
    processes: int
    result: dict[str, Any]

    def cpu(self, name: str) -> float:
        return self.result["cpu"][name] / self.result["seconds"]

    def counted(self, name: str) -> float:
        return self.result["counters"][name] / self.result["seconds"]


def run(case: Case, environment: Environment, rounds: int) -> Run:
    """The round in which the server used least CPU time: other work on the machine only adds to it. Raises
    RuntimeError if a message was lost.
    """
    runs = []
    for _ in range(rounds):
        print(f"  {case.title} ...", flush=True)
        (result,) = measure(case, OBROLAN, environment, with_counters=True)
        if result["faults"] or result["missing"]:
            raise RuntimeError(f"{case.title}: {result['examples'] or result['missing']}")
        runs.append(Run(demand_of(case, result), case.processes, result))
    return min(runs, key=lambda run: run.cpu("server"))


def demand_of(case: Case, result: dict[str, Any]) -> Demand:
    """The messages that were sent. A slow server gets fewer than the clock asks for."""
    posts = result.get("posts", case.rooms * case.rate if case.tabs else 0.0)
    return Demand(
        sockets=case.sockets,
        rooms=case.rooms,
        posts=posts,
        reads=posts * case.sockets / case.rooms if case.reads else 0.0,
        list_events=result.get("list_events", 0.0),
        lobby=case.tabs,
        in_turn=True,
    )


def pages(environment: Environment) -> tuple[float, float]:
    """CPU time of the web process and of PostgreSQL for the page of a room."""
    print(f"  {PAGES} pages ...", flush=True)
    cookie = sessions(environment).read_text().splitlines()[1]
    with serving(OBROLAN, environment) as (ports, pids):
        get(ports[0], PAGE, cookie)
        trees = pids, [environment.postgres.pid]
        before = [proc.cpu(tree) for tree in trees]
        for _ in range(PAGES):
            get(ports[0], PAGE, cookie)
        web, database = ((proc.cpu(tree) - start) / PAGES for tree, start in zip(trees, before, strict=True))
    return web, database
