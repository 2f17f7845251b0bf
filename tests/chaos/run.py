"""One run: gather people, break things by a seed, wait for quiet, compare all the books."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.services import wait_until
from tests.web import ROOT

from . import judge
from .faults import FAULTS, Fault, Missed, possible
from .stage import Stage

COMMANDS_A_SECOND = 240.0  # by all people together
WHOLE_WITHIN = 5.0  # seconds after a fault
WHOLE_SOON = 2.0  # seconds, where Redis and all web processes live on
LEAVE_ALL_ALIVE = ("cut", "postgres-crash", "postgres-away")
GIVE_UP = 30.0  # seconds after which a screen will not catch up any more


@dataclass
class Options:
    seed: int = 1
    duration: float = 40.0  # seconds
    clients: int = 30
    rooms: int = 3
    processes: int = 2
    faults: str = "all"  # or none, or names with commas
    every: float = 0.0  # seconds between two faults; 0: each once, spread over the duration
    stack: str = "full"  # or embedded: SQLite, in-memory layer, one process
    server: str = "daphne"  # or uvicorn
    redis: str = "lives"  # or dead, from the first to the last second
    hints: float = 0.0  # share of the layer's messages that are dropped, repeated or reordered
    harm: str = "drop,repeat,reorder"
    rate: float = COMMANDS_A_SECOND
    patience: float = 1.0  # times the seconds within which screens are whole: more beside another load


@dataclass
class Struck:
    name: str
    at: float  # monotonic seconds
    took: float  # seconds until the part was back
    caught_up: float  # seconds from then until every screen had what was committed by then


@dataclass
class Report:
    options: Options
    violations: list[str] = field(default_factory=list)
    struck: list[Struck] = field(default_factory=list)
    begun: float = 0.0  # monotonic seconds
    settled: float = 0.0  # seconds after the last fault
    acked: int = 0
    p99: float = 0.0  # seconds from a post's first sending to other screens
    closes: Counter[str] = field(default_factory=Counter)
    back: list[float] = field(default_factory=list)  # seconds from each loss to the next welcome, sorted
    figures: dict[str, str] = field(default_factory=dict)

    def lines(self) -> Iterator[str]:
        yield f"chaos: {' '.join(f'{name}={value}' for name, value in vars(self.options).items())}"
        for name, value in self.figures.items():
            yield f"  {name:<28}{value}"
        times = {name: [fault for fault in self.struck if fault.name == name] for name in FAULTS}
        for name, faults in times.items():
            if faults:
                slowest = max(fault.caught_up for fault in faults)
                yield f"  {name:<28}{len(faults)} times, screens whole again within {slowest:.2f} s"
        if self.violations:
            story = [f"{fault.at - self.begun:.1f} {fault.name} ({fault.took:.1f})" for fault in self.struck]
            yield f"  what was done when, and for how long, in seconds: {', '.join(story)}"
        for line in self.violations[:40]:
            yield f"  BROKEN {line}"
        yield f"  {len(self.violations)} violations" if self.violations else "  every invariant holds"


class Gathering:
    """The people's process, from the conductor's side."""

    def __init__(self, folder: Path, cards: list[dict[str, Any]], doors: list[int], seed: int) -> None:
        self.cards, self.diaries = cards, folder / "diaries.json"
        plan = folder / "plan.json"
        plan.write_text(
            json.dumps({"cards": cards, "doors": doors, "seed": seed, "diaries": str(self.diaries)})
        )
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.crowd", str(plan)],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"]},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, do: str, **order: Any) -> Any:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps({"do": do, **order}) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError("the people's process ended; its reason is above")
        return json.loads(answer)

    def caught_up(self, heads: dict[int, int]) -> bool:
        return all(cursor >= heads[room] for room, cursor in self.ask("state")["cursors"])

    def leave(self) -> list[dict[str, Any]]:
        self.ask("leave")
        self.process.wait(10)
        return json.loads(self.diaries.read_text())


def run(options: Options, folder: Path) -> Report:
    report, dice = Report(options), random.Random(options.seed)
    environment = {
        "CHAOS_HINTS": str(options.hints),
        "CHAOS_HARM": options.harm,
        "CHAOS_SEED": str(options.seed),
    }
    stage = Stage(
        folder,
        stack=options.stack,
        processes=options.processes,
        server=options.server,
        redis=options.redis == "lives",
        environment=environment,
    )
    with stage:
        cast = stage.cast(options.clients, options.rooms)
        cards = [
            {
                **person,
                "rate": options.rate / options.clients,
                "posts_only": person["room"] == cast["rooms"][0],
            }
            for person in cast["people"]
        ]
        crowd = Gathering(folder, cards, stage.open_doors(), options.seed)
        try:
            all_inside(crowd)
            strike_all(stage, crowd, report, dice)
            settle(stage, crowd, report)
            diaries = crowd.leave()
            books = stage.ledger.books()
        finally:
            crowd.process.kill()
    report.violations += judge.judge(books, diaries)
    report.violations += stage.complaints()
    report.closes = sum((Counter(diary["closes"]) for diary in diaries), Counter())
    report.back = sorted(seconds for diary in diaries for seconds in diary["back"])
    report.figures = figures(books, diaries, report)
    report.p99 = judge.share(judge.delays(books, diaries), 0.99)
    report.acked = sum(len(diary["acked"]) for diary in diaries)
    return report


def plan(stage: Stage, options: Options, dice: random.Random) -> list[tuple[float, Fault]]:
    """When, in seconds from the start, and what: each chosen fault once, and then by chance."""
    if options.faults == "none":
        return []
    if options.faults == "all":
        chosen = [fault for fault in possible(stage) if fault.short or options.every]
    else:
        chosen = [FAULTS[name] for name in options.faults.split(",")]
    dealt = dice.sample(chosen, len(chosen))
    if options.every:
        more = max(0, int(options.duration / options.every) - len(chosen))
        dealt += dice.choices(chosen, [4 if fault.short else 1 for fault in chosen], k=more)
    gap = options.duration / len(dealt)
    return [((number + 0.5) * gap, fault) for number, fault in enumerate(dealt)]


def strike_all(stage: Stage, crowd: Gathering, report: Report, dice: random.Random) -> None:
    begun = report.begun = time.monotonic()
    for when, fault in plan(stage, report.options, dice):
        time.sleep(max(0, begun + when - time.monotonic()))
        all_inside(crowd)  # each fault's own time is measured
        struck_at = time.monotonic()
        try:
            fault.strike(stage, crowd, dice)
        except Missed as reason:
            report.violations.append(f"{fault.name} did not strike: {reason}")
        back_at = time.monotonic()
        heads = stage.ledger.heads()
        try:
            wait_until(lambda heads=heads: crowd.caught_up(heads), "everybody caught up", GIVE_UP)
        except TimeoutError:
            report.violations.append(f"after {fault.name}, not all screens caught up within {GIVE_UP} s")
        report.struck.append(Struck(fault.name, struck_at, back_at - struck_at, time.monotonic() - back_at))
    time.sleep(max(0, begun + report.options.duration - time.monotonic()))


def all_inside(crowd: Gathering) -> None:
    wait_until(lambda: not crowd.ask("state")["away"], "everybody inside")


def settle(stage: Stage, crowd: Gathering, report: Report) -> None:
    """Nobody says anything new. Until every outbox is empty and every screen at its room's head."""
    crowd.ask("hush")
    begun = time.monotonic()

    def quiet() -> bool:
        state = crowd.ask("state")
        heads = stage.ledger.heads()
        return not state["waiting"] and all(cursor == heads[room] for room, cursor in state["cursors"])

    try:
        wait_until(quiet, "quiet", GIVE_UP)
    except TimeoutError:
        report.violations.append(f"not quiet within {GIVE_UP} s: {crowd.ask('state')}")
    report.settled = time.monotonic() - begun
    for fault in report.struck:
        soon = fault.name in LEAVE_ALL_ALIVE
        limit = (WHOLE_SOON if soon else WHOLE_WITHIN) * report.options.patience
        if fault.caught_up > limit:
            report.violations.append(
                f"screens caught up {fault.caught_up:.2f} s after {fault.name}, not {limit}"
            )
    if report.settled > WHOLE_WITHIN * report.options.patience:
        report.violations.append(f"quiet only after {report.settled:.2f} s")


def figures(books, diaries: list[dict[str, Any]], report: Report) -> dict[str, str]:
    acks = [about for diary in diaries for _, about, _, _ in diary["acked"]]
    waits = judge.delays(books, diaries)
    back = report.back
    resets = sum((Counter(diary["resets"]) for diary in diaries), Counter())
    again = Counter(code for diary in diaries for _, _, code, retry in diary["refused"] if retry)
    final = Counter(code for diary in diaries for _, _, code, retry in diary["refused"] if not retry)
    troubles = sorted(when - report.begun for diary in diaries for when, _ in diary["wrong"])
    return {
        **(
            {"troubles, seconds from start": " ".join(f"{when:.1f}" for when in troubles)} if troubles else {}
        ),
        "acknowledged": f"{len(set(acks))} commands, {len(acks) - len(set(acks))} of them twice",
        "committed changes": f"{len(books.noted)}, {len(books.rows)} messages",
        "send to other screens": f"p50 {ms(waits, 0.5)}, p99 {ms(waits, 0.99)}, longest {ms(waits, 1)} "
        f"({len(waits)} deliveries)",
        "back after a loss": f"p50 {ms(back, 0.5)}, p95 {ms(back, 0.95)}, longest {ms(back, 1)} "
        f"({len(back)} times)",
        "closes": listed(report.closes),
        "asked to send again": listed(again),
        "refused, rightly": listed(final),
        "resets": listed(resets),
        "quiet after": f"{report.settled:.2f} s",
    }


def ms(sorted_values: list[float], part: float) -> str:
    return f"{judge.share(sorted_values, part) * 1000:.0f} ms"


def listed(counter: Counter[str]) -> str:
    return ", ".join(f"{name} × {times}" for name, times in counter.most_common()) or "none"
