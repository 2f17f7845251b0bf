"""One run: gather people, break things by a seed, wait for quiet, compare all the books."""

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
from .faults import FAULTS, Fault, Missed, possible
from .ledger import Books
from .stage import Stage

COMMANDS_A_SECOND = 240.0  # by all people together
WHOLE_WITHIN = {"lives": 2.0, "dead": 5.0}  # seconds after a fault, by the state of Redis
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
    redis: str = "lives"  # or dead, from the first to the last second
    hints: float = 0.0  # share of the layer's messages that are dropped, repeated or reordered
    harm: str = "drop,repeat,reorder"
    rate: float = COMMANDS_A_SECOND
    patience: float = 1.0  # times the seconds within which screens are whole: more beside another load


@dataclass
class Struck:
    name: str
    at: float  # monotonic seconds
    over: float = inf  # monotonic seconds: from here on screens become whole
    heads: dict[int, int] = field(default_factory=dict)  # of the rooms, then
    whole: list[float] = field(default_factory=list)  # seconds from then until each screen was live


@dataclass
class Report:
    options: Options
    violations: list[str] = field(default_factory=list)
    struck: list[Struck] = field(default_factory=list)
    begun: float = 0.0  # monotonic seconds
    settled: float = 0.0  # seconds from the last word until nothing was under way
    acked: int = 0
    changes: int = 0  # committed
    waits: list[float] = field(default_factory=list)  # seconds from sending to other screens, sorted
    closes: Counter[str] = field(default_factory=Counter)
    back: list[float] = field(default_factory=list)  # seconds from each loss to the next welcome, sorted
    figures: dict[str, str] = field(default_factory=dict)

    def lines(self) -> Iterator[str]:
        yield f"chaos: {' '.join(f'{name}={value}' for name, value in vars(self.options).items())}"
        for name, value in self.figures.items():
            yield f"  {name:<28}{value}"
        for name, times, screens in whole_again([self]):
            yield (
                f"  {name:<28}{times} times, screens whole again: p50 {ms(screens, 0.5)}, "
                f"p99 {ms(screens, 0.99)}, longest {ms(screens, 1)}"
            )
        if self.violations:
            story = [
                f"{fault.at - self.begun:.1f} {fault.name} ({fault.over - fault.at:.1f})"
                for fault in self.struck
            ]
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

    def beyond(self, heads: dict[int, int]) -> bool:
        return all(cursor > heads[room] for room, cursor in self.ask("state")["cursors"])

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
    report.violations += [*too_late(report, books, diaries), *judge.judge(books, diaries)]
    report.violations += stage.complaints()
    report.closes = sum((Counter(diary["closes"]) for diary in diaries), Counter())
    report.back = sorted(seconds for diary in diaries for seconds in diary["back"])
    report.waits = judge.delays(books, diaries)
    report.acked = sum(len(diary["acked"]) for diary in diaries)
    report.changes = len(books.noted)
    report.figures = figures(books, diaries, report)
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
        struck = Struck(fault.name, time.monotonic())
        report.struck.append(struck)
        try:
            for _ in fault.strike(stage, crowd, dice):
                struck.over, struck.heads = time.monotonic(), stage.ledger.heads()
        except Missed as reason:
            report.violations.append(f"{fault.name} did not strike: {reason}")
            continue
        with suppress(TimeoutError):  # the judge will tell
            wait_until(lambda heads=struck.heads: crowd.beyond(heads), "everybody is live", GIVE_UP)
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


def too_late(report: Report, books: Books, diaries: list[dict[str, Any]]) -> Iterator[str]:
    """3c. After each fault, and at the end, screens are whole within seconds."""
    limit = WHOLE_WITHIN[report.options.redis] * report.options.patience
    for fault in report.struck:
        fault.whole = judge.whole_after(fault.heads, fault.over, books, diaries) if fault.heads else []
        if (slowest := max(fault.whole, default=0.0)) > limit:
            yield f"a screen was whole {slowest:.2f} s after {fault.name}, not within {limit} s"
    if report.settled > limit:
        yield f"quiet only {report.settled:.2f} s after the last word"


def whole_again(reports: Iterable[Report]) -> Iterator[tuple[str, int, list[float]]]:
    """For each fault: how often it struck, and the seconds that each screen took each time, sorted."""
    struck = [fault for report in reports for fault in report.struck]
    for name in FAULTS:
        if times := [fault.whole for fault in struck if fault.name == name and fault.whole]:
            yield name, len(times), sorted(chain.from_iterable(times))


def figures(books: Books, diaries: list[dict[str, Any]], report: Report) -> dict[str, str]:
    acks = [about for diary in diaries for _, about, _, _ in diary["acked"]]
    waits, back = report.waits, report.back
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


def tables(reports: list[Report]) -> Iterator[str]:
    """Markdown for docs/reliability.md: a table of the runs, and one of the faults in all of them."""
    yield ""
    yield from head(
        "seed", "faults", "acknowledged", "committed changes", "deliveries",
        "slowest whole again", "back after a loss, p95", "violations",
    )  # fmt: skip
    for report in reports:
        slowest = max((screens[-1] for _, _, screens in whole_again([report])), default=0.0)
        yield row(
            report.options.seed, len(report.struck), f"{report.acked:,}", f"{report.changes:,}",
            f"{len(report.waits):,}", f"{slowest:.2f} s", f"{judge.share(report.back, 0.95):.2f} s",
            len(report.violations),
        )  # fmt: skip
    yield ""
    yield from head("fault", "times", "screens whole again: median", "99 %", "slowest")
    for name, times, screens in whole_again(reports):
        yield row(f"`{name}`", times, *(f"{judge.share(screens, part):.2f} s" for part in (0.5, 0.99, 1)))


def head(*cells: str) -> Iterator[str]:
    yield row(*cells)
    yield row(*("---" for _ in cells))


def row(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def ms(sorted_values: list[float], part: float) -> str:
    return f"{judge.share(sorted_values, part) * 1000:.0f} ms"


def listed(counter: Counter[str]) -> str:
    return ", ".join(f"{name} × {times}" for name, times in counter.most_common()) or "none"
