"""The bench: contestants built and started in turn, driven by the same load program, the rounds interleaved.

`python -m bench` writes bench/RESULTS.md and bench/chart.svg; `--quick` prints only, in under 3 minutes.
PostgreSQL writes to disk for real (fsync on). On a machine with four cores and more, server, load and
services get cores of their own; with fewer, the server has one, the load program another, the services both.
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
from pathlib import Path

from tests.services import Postgres, Valkey, free_port, wait_until, workplace

from . import growth, report
from .cases import FULL, QUICK, Case
from .contestants import CONTESTANTS, Contestant, Stage, sessions

HERE = Path(__file__).parent
READY_WITHIN = 30  # seconds
STOP_WITHIN = 12  # seconds
LOAD_WITHIN = 240  # seconds, for one run of the load program


class Cores:
    """Which cores the servers, the load program and the services may use."""

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
def stage() -> Iterator[Stage]:
    folder = workplace("obrolan-bench-")
    try:
        with ExitStack() as stack:
            yield Stage(
                stack.enter_context(Postgres(folder, durable=True)),
                stack.enter_context(Valkey(folder)),
                folder,
                folder / "build.log",
            )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def serving(
    contestant: Contestant, setting: Stage, processes: int = 1
) -> Iterator[tuple[list[int], list[int]]]:
    """The contestant, running: its ports and its process ids."""
    environment = contestant.prepare(setting)
    environment["OBROLAN_PROCESSES"] = str(processes)
    cores = Cores()
    for service in (setting.postgres, setting.valkey):
        os.sched_setaffinity(service.pid, cores.services(processes))
    ports = [free_port() for _ in range(processes)]
    log = setting.folder / f"{contestant.name}.log"
    running: list[subprocess.Popen[bytes]] = []
    try:
        for index, port in enumerate(ports):
            own = cores.servers(processes)
            with log.open("wb") as output:
                process = subprocess.Popen(
                    contestant.command(port),
                    cwd=contestant.folder,
                    env=environment,
                    stdout=output,
                    stderr=output,
                )
            os.sched_setaffinity(process.pid, [own[index % len(own)]])
            running.append(process)
        for port in ports:
            wait_until(
                lambda port=port: answers(port, contestant.ready),
                f"{contestant.name} is not ready",
                READY_WITHIN,
            )
        yield ports, [process.pid for process in running]
    except Exception:
        sys.stderr.write(log.read_text(errors="replace")[-2_000:])
        raise
    finally:
        for process in running:
            process.terminate()
        for process in running:
            try:
                process.wait(STOP_WITHIN)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def answers(port: int, path: str) -> bool:
    """Whether anything but an error of the server comes back; a bare WebSocket server may well say 404."""
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=2).close()
    except urllib.error.HTTPError as error:
        return error.code < 500
    except OSError:
        return False
    return True


def measure(case: Case, contestant: Contestant, setting: Stage) -> list[dict]:
    with serving(contestant, setting, case.processes) as (ports, pids):
        spec = {
            "scenario": case.scenario,
            "wire": contestant.wire,
            "ports": ports,
            "rooms": [f"room{number}" for number in range(case.rooms)],
            "sockets": case.sockets,
            "in_flight": case.in_flight,
            "seconds": case.seconds,
            "warm_up": case.warm_up,
            "sessions": str(sessions(setting)) if contestant.name == "obrolan" else "",
            "server": pids,
            "services": [setting.postgres.pid, setting.valkey.pid],
            "cores": Cores().load,
        }
        done = subprocess.run(
            [sys.executable, "-m", "bench.load", json.dumps(spec)],
            cwd=HERE.parent, stdout=subprocess.PIPE, timeout=LOAD_WITHIN,
        )  # fmt: skip
    if done.returncode:
        sys.stderr.write((setting.folder / f"{contestant.name}.log").read_text(errors="replace")[-2_000:])
        return [{"in_flight": wanted, "faults": 1, "missing": 0, "examples": ["the load program failed"]}
                for wanted in case.in_flight]  # fmt: skip
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


def run(cases: tuple[Case, ...], who: set[str], setting: Stage) -> list[dict]:
    """All rounds of all cases: A B C, A B C, A B C."""
    results = []
    for case in cases:
        contestants = [CONTESTANTS[name] for name in case.who if not who or name in who]
        for number in range(case.rounds):
            for contestant in contestants:
                started = time.monotonic()
                for result in measure(case, contestant, setting):
                    results.append(
                        {"case": case.key, "contestant": contestant.name, "round": number, **result}
                    )
                    print(report.line(results[-1]), flush=True)
                print(f"    {time.monotonic() - started:.1f} s", flush=True)
    return results


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--quick", action="store_true", help="a few cases, two rounds; writes nothing")
    options.add_argument("--cases", default="", help="keys, with commas: a,two,b,c1,c100,d,d2,e,f1,f2,f4,g")
    options.add_argument("--only", default="", help=f"contestants, with commas: {', '.join(CONTESTANTS)}")
    options.add_argument("--rounds", type=int, help="instead of each case's own")
    options.add_argument("--keep", type=Path, help="write the raw results there, as JSON")
    options.add_argument(
        "--write", action="store_true", help="write bench/RESULTS.md even if not everything ran"
    )
    chosen = options.parse_args()
    wanted = set(filter(None, chosen.cases.split(",")))
    who = set(filter(None, chosen.only.split(",")))
    cases = tuple(case for case in (QUICK if chosen.quick else FULL) if not wanted or case.key in wanted)
    if chosen.rounds:
        cases = tuple(report.replace(case, rounds=chosen.rounds) for case in cases)
    with stage() as setting:
        try:
            results = run(cases, who, setting)
            grown = growth.run(setting) if "g" in wanted or not (wanted or chosen.quick) else []
        except subprocess.CalledProcessError:
            sys.exit(setting.log.read_text(errors="replace")[-4_000:])
    for each in grown:
        if "ms" in each:
            print(
                f"   g {each['what']:<24} {each['rooms']:>5} rooms {each['messages']:>9,} messages "
                f"{each['ms']:.2f} ms"
            )
    if chosen.keep:
        chosen.keep.write_text(json.dumps({"results": results, "growth": grown}, indent=1))
    print(report.targets(results, grown))
    if chosen.write or not (chosen.quick or wanted or who):
        report.write(results, grown)
