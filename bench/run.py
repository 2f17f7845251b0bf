"""Build and start each contestant in turn, measure all with the same load generator, and report the results.

`python -m bench` writes bench/RESULTS.md and bench/chart.svg. With `--quick` it only prints, in under three
minutes. The rounds of the contestants are interleaved. PostgreSQL runs with fsync on. On four or more cores
the servers, the load generator and the services have separate cores. On fewer, the servers have one core,
the load generator another, and the services use both.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from tests.ports import free_port
from tests.services import Postgres, Valkey, wait_until, workplace

from . import growth, report
from .cases import FULL, QUICK, Case
from .contestants import CONTESTANTS, ROOT, Contestant, Environment, sessions

READY_TIMEOUT = 30  # seconds
STOP_TIMEOUT = 12  # seconds
LOAD_TIMEOUT = 240  # seconds, for one run of the load generator


class Cores:
    """The cores that servers, load generator and services may use."""

    def __init__(self) -> None:
        self.all = sorted(os.sched_getaffinity(0))

    def servers(self, processes: int) -> list[int]:
        spare = self.all[:-1] or self.all
        return spare[:processes]

    @property
    def load(self) -> list[int]:
        return self.all[-1:]

    def services(self, processes: int) -> list[int]:
        return self.all[processes:-1] or self.all


@contextmanager
def services() -> Iterator[Environment]:
    """Run PostgreSQL and Valkey in a temporary directory."""
    folder = workplace("obrolan-bench-")
    try:
        with ExitStack() as stack:
            yield Environment(
                stack.enter_context(Postgres(folder, durable=True)),
                stack.enter_context(Valkey(folder)),
                folder,
                folder / "build.log",
            )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def serving(
    contestant: Contestant, environment: Environment, processes: int = 1
) -> Iterator[tuple[list[int], list[int]]]:
    """Run a contestant. Yields its ports and its process ids."""
    variables = contestant.prepare(environment)
    variables["OBROLAN_PROCESSES"] = str(processes)
    cores = Cores()
    for service in (environment.postgres, environment.valkey):
        os.sched_setaffinity(service.pid, cores.services(processes))
    ports = [free_port() for _ in range(processes)]
    log = log_of(contestant, environment)
    running: list[subprocess.Popen[bytes]] = []
    try:
        for index, port in enumerate(ports):
            own = cores.servers(processes)
            with log.open("wb") as output:
                process = subprocess.Popen(
                    contestant.command(port),
                    cwd=contestant.folder,
                    env=variables,
                    stdout=output,
                    stderr=output,
                )
            os.sched_setaffinity(process.pid, [own[index % len(own)]])
            running.append(process)
        for port in ports:
            wait_until(
                lambda port=port: is_ready(port, contestant.ready),
                f"{contestant.name} is not ready",
                READY_TIMEOUT,
            )
        yield ports, [process.pid for process in running]
    except Exception:
        print_tail(log)
        raise
    finally:
        for process in running:
            process.terminate()
        for process in running:
            try:
                process.wait(STOP_TIMEOUT)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def log_of(contestant: Contestant, environment: Environment) -> Path:
    return environment.folder / f"{contestant.name}.log"


def print_tail(log: Path) -> None:
    sys.stderr.write(log.read_text(errors="replace")[-2_000:])


def is_ready(port: int, path: str) -> bool:
    """Whether the server responds. A 4xx counts too: a bare WebSocket server may have no such path."""
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=2).close()
    except urllib.error.HTTPError as error:
        return error.code < 500
    except OSError:
        return False
    return True


def measure(case: Case, contestant: Contestant, environment: Environment) -> list[dict]:
    with serving(contestant, environment, case.processes) as (ports, pids):
        spec = {
            "scenario": case.scenario,
            "protocol": contestant.protocol,
            "ports": ports,
            "rooms": [f"room{number}" for number in range(case.rooms)],
            "sockets": case.sockets,
            "in_flight": case.in_flight,
            "seconds": case.seconds,
            "warm_up": case.warm_up,
            "sessions": str(sessions(environment)) if contestant.name == "obrolan" else "",
            "server": pids,
            "services": [environment.postgres.pid, environment.valkey.pid],
            "cores": Cores().load,
        }
        done = subprocess.run(
            [sys.executable, "-m", "bench.load", json.dumps(spec)],
            cwd=ROOT, stdout=subprocess.PIPE, timeout=LOAD_TIMEOUT,
        )  # fmt: skip
    if done.returncode:
        print_tail(log_of(contestant, environment))
        return [
            {"in_flight": in_flight, "faults": 1, "missing": 0, "examples": ["the load generator failed"]}
            for in_flight in case.in_flight
        ]
    results = json.loads(done.stdout)
    for result in results:
        server = result["cpu"]["server"]
        if "deliveries" in result:
            result["cpu_per_delivery"] = server / (result["deliveries"] * result["seconds"] or 1)
        elif case.scenario == "idle":
            result["cpu_share"] = server / result["seconds"]
        else:
            result["cpu_each"] = server / case.sockets
    return results


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
        "--cases", default="", help="comma-separated case keys: a,two,b,c1,c100,d,d2,e,f1,f2,f4,g"
    )
    parser.add_argument("--only", default="", help=f"comma-separated contestants: {', '.join(CONTESTANTS)}")
    parser.add_argument("--rounds", type=int, help="number of rounds (default: depends on the case)")
    parser.add_argument("--keep", type=Path, metavar="FILE", help="write the raw results to FILE as JSON")
    parser.add_argument(
        "--write", action="store_true", help="write bench/RESULTS.md even if only some cases were run"
    )
    return parser.parse_args()


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
            grows = "g" in keys or not (keys or arguments.quick)
            growth_results = growth.run(environment, serving) if grows else []
        except subprocess.CalledProcessError:
            sys.exit(environment.log.read_text(errors="replace")[-4_000:])
    for result in growth_results:
        if "ms" in result:
            print(report.growth_line(result))
    if arguments.keep:
        arguments.keep.write_text(json.dumps({"results": results, "growth": growth_results}, indent=1))
    print(report.target_table(results, growth_results))
    if arguments.write or not (arguments.quick or keys or only):
        report.write(results, growth_results)
