"""Run attacks one after the other, measure before, during and after each, and print a table."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tests.web import Stack

from .attacks import ATTACKS
from .environment import Environment, Memory, sleep_until
from .judge import Figures, Limits, Window, judge, percentile

GIVE_UP = 20.0  # seconds after which a message or page counts as missing
POLL_INTERVAL = 0.2  # seconds


@dataclass(frozen=True)
class Times:
    """The duration of each span in seconds. Between the attack and `after` the server rests for `rest`."""

    before: float = 4.0
    during: float = 10.0
    rest: float = 5.0
    after: float = 4.0


def run_attack(environment: Environment, name: str, times: Times) -> Figures:
    """Run an attack in an environment whose bystanders are already active."""
    ip = f"127.0.1.{1 + list(ATTACKS).index(name)}"  # of its own: no attack uses up the limits of another
    complaints = len(environment.web.complaints())
    mails, rooms = environment.count_mails(), environment.count_rooms()
    started = time.monotonic()
    sleep_until(started + times.before)
    memory = Memory(environment.web.pid)
    memory.start()
    waited = memory.waited()
    attack = environment.attack(name, times.during, ip)
    starved = (memory.waited() - waited) / (attack["ended"] - attack["started"])
    sleep_until(attack["ended"] + times.rest)
    quiet = time.monotonic()
    sleep_until(quiet + times.after)
    end = time.monotonic()
    memory.stop()
    before, during, after = complete_windows(
        environment, [(started, attack["started"]), (attack["started"], attack["ended"]), (quiet, end)]
    )
    return Figures(
        name, before, during, after,
        memory=(memory.first, memory.peak, memory.now()),
        mails=environment.count_mails() - mails,
        rooms=environment.count_rooms() - rooms,
        counters=attack["counters"],
        complaints=environment.web.complaints()[complaints:],
        alive=environment.web.running,
        starved=starved,
    )  # fmt: skip


def complete_windows(environment: Environment, spans: Sequence[tuple[float, float]]) -> list[Window]:
    """The bystanders' measurements of each span, once everything has arrived or after GIVE_UP."""
    deadline = time.monotonic() + GIVE_UP
    while True:
        windows = [environment.report(*span) for span in spans]
        if all(window.is_complete for window in windows) or time.monotonic() > deadline:
            return windows
        time.sleep(POLL_INTERVAL)


def run_each(stack: Stack, names: Iterable[str], times: Times) -> Iterator[Figures]:
    """Run each attack on a new site and process, so it does not inherit the memory and rooms of another."""
    for name in names:
        with Environment(stack) as environment:
            figures = run_attack(environment, name, times)
            figures.exit = environment.terminate()
            yield figures


HEADINGS = (
    "attack", "p50 ms", "p99 ms", "slowest ms", "slowest page ms", "memory MB", "MB more",
    "5xx or no response", "mails", "rooms", "exit s", "starved %", "late ms", "result",
)  # fmt: skip


def table(results: Iterable[Figures], limits: Limits) -> Iterator[str]:
    """A Markdown table. Arrows separate the values before, during and after each attack."""
    yield table_row(HEADINGS)
    yield table_row("---" for _ in HEADINGS)
    yield from (table_line(figures, limits) for figures in results)


def table_line(figures: Figures, limits: Limits) -> str:
    windows = figures.before, figures.during, figures.after
    return table_row(
        (
            f"`{figures.name}`",
            *(join_arrows(window.percentile(share) for window in windows) for share in (0.5, 0.99, 1)),
            join_arrows(percentile(window.pages, 1) for window in windows),
            " → ".join(f"{size:.0f}" for size in figures.memory),
            f"{figures.growth:.0f}",
            figures.errors,
            figures.mails,
            figures.rooms,
            f"{figures.exit:.1f}",
            f"{figures.starved * 100:.0f}",
            f"{figures.during.late * 1000:.0f}",
            "**failed**" if judge(figures, limits) else "passed",
        )
    )


def join_arrows(seconds: Iterable[float]) -> str:
    return " → ".join(f"{each * 1000:,.0f}" for each in seconds)


def table_row(cells: Iterable[object]) -> str:
    return f"| {' | '.join(map(str, cells))} |"
