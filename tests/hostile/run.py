"""One attack after the other, each measured before, during and after; and the table of all."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tests.web import Stack

from .attacks import ATTACKS
from .hall import Hall, Memory, sleep_until
from .judge import Figures, Limits, judge, part

ARRIVE = 20.0  # seconds that the last messages of an attack may take before they count as missing


@dataclass(frozen=True)
class Times:
    """Seconds of each span. The server is let alone for `rest` between the attack and `after`."""

    before: float = 4.0
    during: float = 10.0
    rest: float = 5.0
    after: float = 4.0


def one(hall: Hall, name: str, times: Times) -> Figures:
    """Carry out an attack in a hall where the bystanders already talk."""
    address = f"127.0.1.{1 + list(ATTACKS).index(name)}"  # of its own: no limit is used up by another attack
    complaints, mails, rooms = len(hall.web.complaints()), hall.sent_mails(), hall.count_rooms()
    begin = time.monotonic()
    sleep_until(begin + times.before)
    memory = Memory(hall.web.pid)
    memory.start()
    did = hall.attack(name, times.during, address)
    sleep_until(did["ended"] + times.rest)
    quiet = time.monotonic()
    sleep_until(quiet + times.after)
    end = time.monotonic()
    sleep_until(end + 0.5)  # for the last message of the last span
    memory.stop()
    before, after = hall.report(begin, did["began"]), hall.report(quiet, end)
    while (during := hall.report(did["began"], did["ended"])).missing and time.monotonic() < end + ARRIVE:
        time.sleep(0.2)
    return Figures(
        name, before, during, after,
        memory=(memory.began, memory.at_most, memory.now()),
        mails=hall.sent_mails() - mails,
        rooms=hall.count_rooms() - rooms,
        tally=did["tally"],
        complaints=hall.web.complaints()[complaints:],
        alive=hall.web.running,
    )  # fmt: skip


def each_on_its_own(stack: Stack, names: Iterable[str], times: Times) -> Iterator[Figures]:
    """Each attack on a fresh site with a fresh process, so that memory and rooms are its own."""
    for name in names:
        with Hall(stack) as hall:
            yield one(hall, name, times)


def one_after_the_other(
    stack: Stack, names: Iterable[str], times: Times, limits: Limits
) -> Iterator[Figures]:
    """All attacks on one process, which is replaced after an attack that it did not withstand."""
    left = list(names)
    while left:
        with Hall(stack) as hall:
            while left:
                figures = one(hall, left.pop(0), times)
                yield figures
                if judge(figures, limits):
                    break


HEAD = (
    "attack", "p50 ms", "p99 ms", "slowest ms", "slowest page ms", "memory MB", "MB more", "5xx or no answer",
    "mails", "rooms", "exit s", "late ms", "verdict",
)  # fmt: skip


def table(found: Iterable[Figures], limits: Limits) -> Iterator[str]:
    """Markdown. An arrow leads from before the attack to during it and to 5 s after its end."""
    yield row(HEAD)
    yield row("---" for _ in HEAD)
    yield from (line(figures, limits) for figures in found)


def line(figures: Figures, limits: Limits) -> str:
    windows = figures.before, figures.during, figures.after
    return row(
        (
            f"`{figures.name}`",
            *(arrow(window.part(share) for window in windows) for share in (0.5, 0.99, 1)),
            arrow(part(window.pages, 1) for window in windows),
            " → ".join(f"{size:.0f}" for size in figures.memory),
            f"{figures.growth:.0f}",
            figures.errors,
            figures.mails,
            figures.rooms,
            f"{figures.end:.1f}",
            f"{figures.during.late * 1000:.0f}",
            "**falls short**" if judge(figures, limits) else "holds",
        )
    )


def arrow(seconds: Iterable[float]) -> str:
    return " → ".join(f"{each * 1000:,.0f}" for each in seconds)


def row(cells: Iterable[object]) -> str:
    return f"| {' | '.join(map(str, cells))} |"
