"""One run: connect the clients, inject faults by a seed, wait until it is quiet, check the invariants."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain
from math import inf
from pathlib import Path
from typing import Any

from tests.services import wait_until
from tests.web import ROOT

from . import judge
from .database import DatabaseState
from .environment import Environment
from .faults import FAULTS, Fault, NotInjected, possible_faults

COMMANDS_PER_SECOND = 240.0  # of all clients together
RECOVERY_LIMIT = {"alive": 2.0, "dead": 5.0}  # seconds after the end of a fault, by the state of Redis
BANNED_EVERY = 10  # each tenth client may be banned; the others may be muted
LAST_SANCTION = 4.0  # seconds until the last sanction of the moderator has ended
GIVE_UP = 30.0  # seconds after which a client is considered stuck


@dataclass
class Options:
    seed: int = 1
    duration: float = 40.0  # seconds
    clients: int = 30
    rooms: int = 3
    people: int = 0  # in each room; above 0 it replaces the number of clients
    processes: int = 2
    faults: str = "all"  # or none, or a comma-separated list of names
    every: float = 0.0  # seconds between two faults; 0 injects each once, spread over the duration
    stack: str = "full"  # or embedded: SQLite, in-memory layer, one process
    redis: str = "alive"  # or dead, for the whole run
    pooler: str = "none"  # or pgbouncer, between the web processes and PostgreSQL
    hints: float = 0.0  # share of the layer's messages that are dropped, repeated or reordered
    harm: str = "drop,repeat,reorder"
    rate: float = COMMANDS_PER_SECOND
    patience: float = 1.0  # multiplies RECOVERY_LIMIT and judge.LOCK_WAIT, for a busy machine


@dataclass
class InjectedFault:
    name: str
    started: float  # monotonic seconds
    ended: float = inf  # monotonic seconds: the recovery time starts here
    heads: dict[int, int] = field(default_factory=dict)  # of the rooms at `ended`
    recovery_times: list[float] = field(default_factory=list)  # seconds, one for each client


@dataclass
class Report:
    options: Options
    violations: list[str] = field(default_factory=list)
    faults: list[InjectedFault] = field(default_factory=list)
    started: float = 0.0  # monotonic seconds
    quiet_after: float = 0.0  # seconds from the last command until every client was up to date
    acked: int = 0
    changes: int = 0  # committed
    delays: list[float] = field(default_factory=list)  # seconds from sending to another client, sorted
    closes: Counter[str] = field(default_factory=Counter)
    reconnects: list[float] = field(default_factory=list)  # seconds from a loss to the next welcome, sorted
    figures: dict[str, str] = field(default_factory=dict)

    def lines(self) -> Iterator[str]:
        yield f"chaos: {' '.join(f'{name}={value}' for name, value in vars(self.options).items())}"
        for name, value in self.figures.items():
            yield f"  {name:<28}{value}"
        for name, count, times in recovery_by_fault([self]):
            yield (
                f"  {name:<28}{count} times, recovery: p50 {ms(times, 0.5)}, "
                f"p99 {ms(times, 0.99)}, slowest {ms(times, 1)}"
            )
        if self.violations:
            history = [
                f"{fault.started - self.started:.1f} {fault.name} ({fault.ended - fault.started:.1f})"
                for fault in self.faults
            ]
            yield f"  faults by start and duration in seconds: {', '.join(history)}"
        for line in self.violations[:40]:
            yield f"  VIOLATION {line}"
        yield f"  {len(self.violations)} violations" if self.violations else "  every invariant holds"


class ClientProcess:
    """The process that runs all clients (clients.py), seen from the test runner."""

    def __init__(self, folder: Path, profiles: list[dict[str, Any]], ports: list[int], seed: int) -> None:
        self.profiles, self.logs = profiles, folder / "logs.json"
        plan = folder / "plan.json"
        plan.write_text(
            json.dumps({"profiles": profiles, "ports": ports, "seed": seed, "logs": str(self.logs)})
        )
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.clients", str(plan)],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"]},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def call(self, command: str, **arguments: Any) -> Any:
        """Run a method of `clients.Clients` and return its result."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps({"command": command, **arguments}) + "\n")
        self.process.stdin.flush()
        reply = self.process.stdout.readline()
        if not reply:
            raise RuntimeError("the clients' process ended; see its error above")
        return json.loads(reply)

    def are_beyond(self, heads: dict[int, int]) -> bool:
        return all(cursor > heads[room] for room, cursor in self.call("state")["cursors"])

    def finish(self) -> list[dict[str, Any]]:
        """End the process; returns the clients' logs."""
        self.call("finish")
        self.process.wait(10)
        return json.loads(self.logs.read_text())


def run(options: Options, folder: Path) -> Report:
    report, generator = Report(options), random.Random(options.seed)
    variables = {
        "CHAOS_HINTS": str(options.hints),
        "CHAOS_HARM": options.harm,
        "CHAOS_SEED": str(options.seed),
        "CHAOS_OWN_HINTS": "on" if options.stack == "embedded" else "",  # it has one process
    }
    environment = Environment(
        folder,
        stack=options.stack,
        processes=options.processes,
        redis=options.redis == "alive",
        pooled=options.pooler == "pgbouncer",
        variables=variables,
    )
    with environment:
        fixtures = environment.create_fixtures(clients_of(options), options.rooms)
        profiles = [
            {
                **client,
                "rate": options.rate / clients_of(options),
                "posts_only": client["room"] == fixtures["rooms"][0],
                "may_be_banned": number % BANNED_EVERY == BANNED_EVERY - 1,
            }
            for number, client in enumerate(fixtures["clients"])
        ]
        clients = ClientProcess(folder, profiles, environment.start_web(), options.seed)
        try:
            wait_until_connected(clients)
            with environment.moderator(profiles, options.seed):
                inject_faults(environment, clients, report, generator)
            time.sleep(LAST_SANCTION)
            wait_until_connected(clients)
            wait_until_quiet(environment, clients, report)
            logs = clients.finish()
            state = environment.database.state()
        finally:
            clients.process.kill()
    lock_wait = judge.LOCK_WAIT * options.patience
    report.violations += [*slow_recoveries(report, state, logs), *judge.judge(state, logs, lock_wait)]
    report.violations += environment.complaints()
    if not state.sanctions:
        report.violations.append("the moderator decided nothing")
    report.closes = sum((Counter(log["closes"]) for log in logs), Counter())
    report.reconnects = sorted(seconds for log in logs for seconds in log["reconnects"])
    report.delays = judge.delays(state, logs)
    report.acked = sum(len(log["acked"]) for log in logs)
    report.changes = len(state.changes)
    report.figures = figures(state, logs, report)
    return report


def clients_of(options: Options) -> int:
    return options.people * options.rooms or options.clients


def schedule(
    environment: Environment, options: Options, generator: random.Random
) -> list[tuple[float, Fault]]:
    """(seconds from the start, fault): each chosen fault once, then more at random if `every` is set."""
    if options.faults == "none":
        return []
    if options.faults == "all":
        chosen = [fault for fault in possible_faults(environment) if fault.in_short_runs or options.every]
    else:
        chosen = [FAULTS[name] for name in options.faults.split(",")]
    faults = generator.sample(chosen, len(chosen))
    if options.every:
        more = max(0, int(options.duration / options.every) - len(chosen))
        faults += generator.choices(chosen, [4 if fault.in_short_runs else 1 for fault in chosen], k=more)
    gap = options.duration / len(faults)
    return [((number + 0.5) * gap, fault) for number, fault in enumerate(faults)]


def inject_faults(
    environment: Environment, clients: ClientProcess, report: Report, generator: random.Random
) -> None:
    started = report.started = time.monotonic()
    for when, fault in schedule(environment, report.options, generator):
        time.sleep(max(0, started + when - time.monotonic()))
        wait_until_connected(clients)  # the recovery time of each fault is measured alone
        injected = InjectedFault(fault.name, time.monotonic())
        report.faults.append(injected)
        try:
            for _ in fault.inject(environment, clients, generator):
                injected.ended, injected.heads = time.monotonic(), environment.database.heads()
        except NotInjected as reason:
            report.violations.append(f"{fault.name} did not happen: {reason}")
            continue
        with suppress(TimeoutError):  # `slow_recoveries` reports it
            wait_until(
                lambda heads=injected.heads: clients.are_beyond(heads), "clients not recovered", GIVE_UP
            )
    time.sleep(max(0, started + report.options.duration - time.monotonic()))


def wait_until_connected(clients: ClientProcess) -> None:
    wait_until(lambda: not clients.call("state")["disconnected"], "clients not connected")


def wait_until_quiet(environment: Environment, clients: ClientProcess, report: Report) -> None:
    """Stop sending, and wait until every outbox is empty and every client has its room's head."""
    clients.call("stop_sending")
    started = time.monotonic()

    def is_quiet() -> bool:
        state = clients.call("state")
        heads = environment.database.heads()
        return not state["unacknowledged"] and all(cursor == heads[room] for room, cursor in state["cursors"])

    try:
        wait_until(is_quiet, "not quiet", GIVE_UP)
    except TimeoutError:
        report.violations.append(f"not quiet within {GIVE_UP} s: {clients.call('state')}")
    report.quiet_after = time.monotonic() - started


def slow_recoveries(report: Report, state: DatabaseState, logs: list[dict[str, Any]]) -> Iterator[str]:
    """3c. All clients are up to date within seconds after each fault, and at the end of the run."""
    limit = RECOVERY_LIMIT[report.options.redis] * report.options.patience
    for fault in report.faults:
        if fault.heads:
            fault.recovery_times = judge.recovery_times(fault.heads, fault.ended, state, logs)
        if (slowest := max(fault.recovery_times, default=0.0)) > limit:
            yield f"a client recovered {slowest:.2f} s after {fault.name}, not within {limit} s"
    if report.quiet_after > limit:
        yield f"quiet only {report.quiet_after:.2f} s after the last command"


def recovery_by_fault(reports: Iterable[Report]) -> Iterator[tuple[str, int, list[float]]]:
    """For each kind of fault: its name, the number of injections, and all clients' recovery times, sorted."""
    faults = [fault for report in reports for fault in report.faults]
    for name in FAULTS:
        if times := [fault.recovery_times for fault in faults if fault.name == name and fault.recovery_times]:
            yield name, len(times), sorted(chain.from_iterable(times))


def figures(state: DatabaseState, logs: list[dict[str, Any]], report: Report) -> dict[str, str]:
    acks = [id for log in logs for _, id, _, _ in log["acked"]]
    delays, reconnects = report.delays, report.reconnects
    resets = sum((Counter(log["resets"]) for log in logs), Counter())
    retried = Counter(code for log in logs for _, _, code, retry in log["refused"] if retry)
    refused = Counter(code for log in logs for _, _, code, retry in log["refused"] if not retry)
    violations = sorted(when - report.started for log in logs for when, _ in log["violations"])
    at = {"violations, seconds from start": " ".join(f"{when:.1f}" for when in violations)}
    return {
        **(at if violations else {}),
        "acknowledged": f"{len(set(acks))} commands, {len(acks) - len(set(acks))} of them twice",
        "committed changes": f"{len(state.changes)}, {len(state.rows)} messages",
        "sanctions": f"{len(state.sanctions)}, {len(state.hidden)} messages hidden",
        "send to other clients": f"p50 {ms(delays, 0.5)}, p99 {ms(delays, 0.99)}, slowest {ms(delays, 1)} "
        f"({len(delays)} deliveries)",
        "reconnect": f"p50 {ms(reconnects, 0.5)}, p95 {ms(reconnects, 0.95)}, slowest {ms(reconnects, 1)} "
        f"({len(reconnects)} times)",
        "close codes": counts(report.closes),
        "refused, to be sent again": counts(retried),
        "refused for good": counts(refused),
        "resets": counts(resets),
        "quiet after": f"{report.quiet_after:.2f} s",
    }


def tables(reports: list[Report]) -> Iterator[str]:
    """The tables of docs/reliability.md in Markdown: one of the runs, one of the faults in all runs."""
    yield ""
    yield from table_head(
        "seed", "faults", "acknowledged", "committed changes", "deliveries",
        "slowest recovery", "reconnect, p95", "violations",
    )  # fmt: skip
    for report in reports:
        slowest = max((times[-1] for _, _, times in recovery_by_fault([report])), default=0.0)
        reconnect = judge.percentile(report.reconnects, 0.95)
        yield table_row(
            report.options.seed, len(report.faults), f"{report.acked:,}", f"{report.changes:,}",
            f"{len(report.delays):,}", f"{slowest:.2f} s", f"{reconnect:.2f} s",
            len(report.violations),
        )  # fmt: skip
    yield ""
    yield from table_head("fault", "times", "recovery: median", "99 %", "slowest")
    for name, count, times in recovery_by_fault(reports):
        cells = (f"{judge.percentile(times, share):.2f} s" for share in (0.5, 0.99, 1))
        yield table_row(f"`{name}`", count, *cells)


def table_head(*cells: str) -> Iterator[str]:
    yield table_row(*cells)
    yield table_row(*("---" for _ in cells))


def table_row(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def ms(sorted_values: list[float], share: float) -> str:
    return f"{judge.percentile(sorted_values, share) * 1000:.0f} ms"


def counts(counter: Counter[str]) -> str:
    return ", ".join(f"{name} × {count}" for name, count in counter.most_common()) or "none"
