"""One attack after the other, each measured before, during and after; and the table of all."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tests.web import Stack

from .attacks import ATTACKS
from .hall import Hall, Memory, sleep_until
from .judge import Figures, Limits, Window, judge, part

ARRIVE = 20.0  # seconds after which a message or a page counts as missing
ASK_EVERY = 0.2  # seconds


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
    waited = memory.waited()
    did = hall.attack(name, times.during, address)
    starved = (memory.waited() - waited) / (did["ended"] - did["began"])
    sleep_until(did["ended"] + times.rest)
    quiet = time.monotonic()
    sleep_until(quiet + times.after)
    end = time.monotonic()
    memory.stop()
    before, during, after = settled(hall, [(begin, did["began"]), (did["began"], did["ended"]), (quiet, end)])
    return Figures(
        name, before, during, after,
        memory=(memory.began, memory.at_most, memory.now()),
        mails=hall.sent_mails() - mails,
        rooms=hall.count_rooms() - rooms,
        tally=did["tally"],
        complaints=hall.web.complaints()[complaints:],
        alive=hall.web.running,
        starved=starved,
    )  # fmt: skip


def settled(hall: Hall, spans: Sequence[tuple[float, float]]) -> list[Window]:
    """What the bystanders saw of each span, once everything of it has arrived, or ARRIVE has passed."""
    give_up = time.monotonic() + ARRIVE
    while True:
        windows = [hall.report(*span) for span in spans]
        if all(window.is_complete for window in windows) or time.monotonic() > give_up:
            return windows
        time.sleep(ASK_EVERY)


def each_on_its_own(stack: Stack, names: Iterable[str], times: Times) -> Iterator[Figures]:
    """Each attack on a fresh site with a fresh process, so that memory and rooms are its own."""
    for name in names:
        with Hall(stack) as hall:
            figures = one(hall, name, times)
            figures.end = hall.end()
            yield figures


HEAD = (
    "attack", "p50 ms", "p99 ms", "slowest ms", "slowest page ms", "memory MB", "MB more", "5xx or no answer",
    "mails", "rooms", "exit s", "starved %", "late ms", "verdict",
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
            f"{figures.starved * 100:.0f}",
            f"{figures.during.late * 1000:.0f}",
            "**falls short**" if judge(figures, limits) else "holds",
        )
    )


def arrow(seconds: Iterable[float]) -> str:
    return " → ".join(f"{each * 1000:,.0f}" for each in seconds)


def row(cells: Iterable[object]) -> str:
    return f"| {' | '.join(map(str, cells))} |"
