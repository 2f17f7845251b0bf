"""Build and start each contestant in turn, measure all with the same load generator, and report the results.

`python -m bench` writes bench/RESULTS.md and bench/chart.svg. With `--quick` it only prints, in under three
minutes. The rounds of the contestants are interleaved. PostgreSQL runs with fsync on.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import msgspec

from . import growth, report
from .cases import FULL, QUICK, Case
from .contestants import CONTESTANTS, ROOT, Contestant, Environment, sessions, with_gauges
from .gauges import Gauges
from .ratios import target_table
from .serving import Cores, log_of, print_tail, services, serving
from .spec import Spec

LOAD_TIMEOUT = 240  # seconds, for one run of the load generator
BY_THE_CLOCK = ("idle", "lobby", "paced")  # scenarios whose load does not depend on the speed of the server
SHARED = (
    "scenario", "sockets", "in_flight", "rate", "behind", "tabs", "all_rooms", "reads", "seconds", "warm_up",
)  # fields of Case and Spec  # fmt: skip


def measure(
    case: Case, contestant: Contestant, environment: Environment, *, with_counters: bool = False
) -> list[dict]:
    """One run of the load generator. With counters, the results tell what the services did."""
    gauges = ""
    if case.tabs:
        gauges = str(Gauges.create(environment.folder / "gauges"))
        contestant = with_gauges(Path(gauges))
    with serving(contestant, environment, case.processes) as (ports, pids):
        spec = Spec(
            **{name: getattr(case, name) for name in SHARED},
            protocol=contestant.protocol,
            ports=ports,
            rooms=[f"room{number}" for number in range(case.rooms)],
            sessions=str(sessions(environment)) if contestant.name == "obrolan" else "",
            gauges=gauges,
            postgres=environment.postgres.url("bench") if with_counters else "",
            valkey=environment.valkey.url if with_counters else "",
            server=tuple(pids),
            services=(environment.postgres.pid, environment.valkey.pid),
            cores=tuple(Cores().load),
        )
        try:
            done = subprocess.run(
                [sys.executable, "-m", "bench.load", msgspec.json.encode(spec).decode()],
                cwd=ROOT, stdout=subprocess.PIPE, timeout=LOAD_TIMEOUT, check=True,
            )  # fmt: skip
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
            print_tail(log_of(contestant, environment))
            return [
                {"in_flight": in_flight, "faults": 1, "missing": 0, "examples": ["the load generator failed"]}
                for in_flight in case.in_flight
            ]
    results = json.loads(done.stdout)
    return [result | cpu_figures(result, case) for result in results]


def cpu_figures(result: dict, case: Case) -> dict[str, float]:
    """CPU time of the server in seconds: for each delivery, second or socket. By the clock, also that of
    PostgreSQL and Redis, for each second.
    """
    server, seconds, figures = result["cpu"]["server"], result["seconds"], {}
    if case.scenario in BY_THE_CLOCK:
        figures["services_share"] = result["cpu"]["services"] / seconds
    if "deliveries" in result:
        return figures | {"cpu_per_delivery": server / (result["deliveries"] * seconds or 1)}
    if case.scenario in BY_THE_CLOCK:
        return figures | {"cpu_share": server / seconds}
    return {"cpu_each": server / case.sockets}


def run(cases: tuple[Case, ...], only: set[str], environment: Environment) -> list[dict]:
    """Run all rounds of all cases, with the contestants interleaved: A B C, A B C, A B C."""
    results = []
    for case in cases:
        contestants = [CONTESTANTS[name] for name in case.contestants if not only or name in only]
        for number in range(case.rounds):
            for contestant in contestants:
                started = time.monotonic()
                for result in measure(case, contestant, environment):
                    results.append(
                        {"case": case.key, "contestant": contestant.name, "round": number, **result}
                    )
                    print(report.line(results[-1]), flush=True)
                print(f"    {time.monotonic() - started:.1f} s", flush=True)
    return results


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="run a few cases in two rounds; write nothing")
    parser.add_argument(
        "--cases", default="", help=f"comma-separated case keys: {','.join(case.key for case in FULL)},g"
    )
    parser.add_argument("--only", default="", help=f"comma-separated contestants: {', '.join(CONTESTANTS)}")
    parser.add_argument("--rounds", type=int, help="number of rounds (default: depends on the case)")
    parser.add_argument("--keep", type=Path, metavar="FILE", help="write the raw results to FILE as JSON")
    parser.add_argument(
        "--write", action="store_true", help="write bench/RESULTS.md even if only some cases were run"
    )
    return parser.parse_args()


def keep(file: Path | None, results: list[dict], growth_results: list[dict]) -> None:
    if file:
        file.write_text(json.dumps({"results": results, "growth": growth_results}, indent=1))


def main() -> None:
    arguments = parse_arguments()
    keys = set(filter(None, arguments.cases.split(",")))
    only = set(filter(None, arguments.only.split(",")))
    cases = tuple(case for case in (QUICK if arguments.quick else FULL) if not keys or case.key in keys)
    if arguments.rounds:
        cases = tuple(replace(case, rounds=arguments.rounds) for case in cases)
    with services() as environment:
        try:
            results = run(cases, only, environment)
            keep(arguments.keep, results, [])  # also if the last case fails
            grows = "g" in keys or not (keys or arguments.quick)
            growth_results = growth.run(environment, serving) if grows else []
        except subprocess.CalledProcessError:
            sys.exit(environment.log.read_text(errors="replace")[-4_000:])
    for result in growth_results:
        if "ms" in result:
            print(report.growth_line(result))
    keep(arguments.keep, results, growth_results)
    print(target_table(results, growth_results))
    if arguments.write or not (arguments.quick or keys or only):
        report.write(results, growth_results)
