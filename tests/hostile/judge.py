"""The limits of the noisy-neighbour test, and the verdict. Pure: it reads figures and starts nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

MB = 1024 * 1024
BUSY_MACHINE = (
    0.25  # share of the time for which the server may wait for a processor: beyond, times say little
)


@dataclass(frozen=True)
class Limits:
    """What bystanders and the server's operator may notice of one attacker."""

    p99: float = 0.5  # seconds from send to screen
    slowest: float = 1.0  # seconds from send to screen
    page: float = 2.0  # seconds: the slowest page
    growth: float = 64.0  # MB that the server process grows by
    after: float = 0.25  # seconds from send to screen, p99, from 5 s after the attack's end,
    busy: float = 2.0  # or this many times what it was before the attack, on a busy machine
    mails: int = 30
    rooms: int = 100
    end: float = 10.0  # seconds from SIGTERM to the end of the process


@dataclass
class Window:
    """What the bystanders saw of a span of time (bystanders.Notes.report)."""

    delays: Sequence[float] = ()  # seconds from send to screen, one for each screen
    missing: int = 0  # of these, not arrived by the time of the report
    pages: Sequence[float] = ()  # seconds
    loading: int = 0  # of these, not complete by the time of the report
    statuses: dict[str, int] = field(default_factory=dict)  # HTTP status of a page, or "none"
    troubles: dict[str, int] = field(default_factory=dict)  # refusals and closed sockets
    late: float = 0.0  # seconds by which the measuring process itself was late, at worst

    @property
    def is_complete(self) -> bool:
        return not self.missing and not self.loading

    def part(self, share: float) -> float:
        return part(self.delays, share)


@dataclass
class Figures:
    """One attack, measured."""

    name: str
    before: Window
    during: Window
    after: Window
    memory: tuple[float, float, float] = (0.0, 0.0, 0.0)  # MB of the server: before, at most, after
    mails: int = 0  # sent during the attack
    rooms: int = 0  # created during the attack
    tally: dict[str, int] = field(default_factory=dict)  # what the attacker did, and the answers' statuses
    complaints: Sequence[str] = ()  # tracebacks and the like in the server's log
    alive: bool = True  # the server process still runs
    end: float = 0.0  # seconds from SIGTERM to its end, where it was ended

    starved: float = 0.0  # share of the attack in which other programs held the processors the server wanted

    @property
    def growth(self) -> float:
        return max(0.0, self.memory[1] - self.memory[0])

    @property
    def errors(self) -> int:
        return sum(count for status, count in self.during.statuses.items() if status >= "500")


def part(values: Sequence[float], share: float) -> float:
    """The value below which `share` of the values lie; the greatest for 1."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def judge(figures: Figures, limits: Limits) -> list[str]:
    """One sentence for each limit that is missed; empty when all hold."""
    return list(violations(figures, limits))


def violations(figures: Figures, limits: Limits) -> Iterator[str]:
    during, after = figures.during, figures.after
    if not figures.tally:
        yield "the attacker did nothing, so this run proves nothing"
    for name, window in (("before", figures.before), ("during", during), ("after", after)):
        if not window.delays or not window.pages:
            yield f"nobody talked or loaded a page {name} the attack, so this run proves nothing"
    if not figures.alive:
        yield "the server process ended"
    if (p99 := during.part(0.99)) > limits.p99:
        yield f"p99 from send to screen {ms(p99)}, above {ms(limits.p99)}"
    if (slowest := during.part(1)) > limits.slowest:
        yield f"slowest from send to screen {ms(slowest)}, above {ms(limits.slowest)}"
    if during.missing:
        yield f"{during.missing} of {len(during.delays)} deliveries did not happen"
    if loading := figures.before.loading + during.loading + after.loading:
        yield f"{loading} pages were never complete"
    if (page := part(during.pages, 1)) > limits.page:
        yield f"slowest page {ms(page)}, above {ms(limits.page)}"
    for when, window in (("during", during), ("after", after)):
        yield from (f"{times} pages with {status} {when} it" for status, times in bad(window.statuses))
        yield from (f"{what} ({times} times {when} it)" for what, times in window.troubles.items())
    if figures.growth > limits.growth:
        yield f"{figures.growth:.0f} MB more, above {limits.growth:.0f}"
    as_before = max(limits.after, limits.busy * figures.before.part(0.99))
    if (late := after.part(0.99)) > as_before:
        yield f"afterwards still p99 {ms(late)}, above {ms(as_before)}"
    if figures.mails > limits.mails:
        yield f"{figures.mails} mails, above {limits.mails}"
    if figures.rooms > limits.rooms:
        yield f"{figures.rooms} new rooms, above {limits.rooms}"
    if figures.end > limits.end:
        yield f"the process took {figures.end:.0f} s to end after SIGTERM, above {limits.end:.0f}"
    yield from (f"in the log: {complaint:.300}" for complaint in figures.complaints[:3])


def bad(statuses: dict[str, int]) -> list[tuple[str, int]]:
    """A bystander's page is 200, whatever the attacker does: neither 5xx nor 429, nor no answer."""
    return [(status, times) for status, times in statuses.items() if status != "200"]


def ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"


def window(report: dict[str, Any]) -> Window:
    return Window(**report)
