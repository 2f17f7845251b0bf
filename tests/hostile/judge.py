"""The limits of the noisy-neighbour test, and the check of the figures. Pure functions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

MB = 1024 * 1024
BUSY_MACHINE = 0.25  # share of the time that the server waits for a processor; above it times mean little


@dataclass(frozen=True)
class Limits:
    """The limits for the effect of one attacker on the bystanders and the server."""

    p99: float = 0.5  # seconds from send to delivery
    slowest: float = 1.0  # seconds from send to delivery
    page: float = 2.0  # seconds: the slowest page
    growth: float = 64.0  # MB by which the server process grows
    after: float = 0.25  # seconds from send to delivery, p99, from 5 s after the end of the attack,
    busy: float = 2.0  # or this many times the value before the attack, on a busy machine
    mails: int = 30
    rooms: int = 100
    exit: float = 10.0  # seconds from SIGTERM to the exit of the process


@dataclass
class Window:
    """The bystanders' measurements of a span of time (bystanders.Measurements.report)."""

    delays: Sequence[float] = ()  # seconds from send to delivery, one for each recipient
    missing: int = 0  # deliveries that had not happened by the time of the report
    pages: Sequence[float] = ()  # seconds
    loading: int = 0  # pages that were not complete by the time of the report
    statuses: dict[str, int] = field(default_factory=dict)  # HTTP status of a page, or "none"
    problems: dict[str, int] = field(default_factory=dict)  # refusals and closed sockets
    late: float = 0.0  # seconds by which the measuring process itself was late at most

    @property
    def is_complete(self) -> bool:
        return not self.missing and not self.loading

    def percentile(self, share: float) -> float:
        return percentile(self.delays, share)


@dataclass
class Figures:
    """The measurements of one attack."""

    name: str
    before: Window
    during: Window
    after: Window
    memory: tuple[float, float, float] = (0.0, 0.0, 0.0)  # MB of the server process: before, peak, after
    mails: int = 0  # sent during the attack
    rooms: int = 0  # created during the attack
    counters: dict[str, int] = field(default_factory=dict)  # the attacker's actions and response statuses
    complaints: Sequence[str] = ()  # tracebacks and similar errors in the server's log
    alive: bool = True  # the server process is still running
    exit: float = 0.0  # seconds from SIGTERM to its exit; 0 if it was not terminated
    starved: float = 0.0  # share of the attack for which the server waited for a processor

    @property
    def growth(self) -> float:
        return max(0.0, self.memory[1] - self.memory[0])

    @property
    def errors(self) -> int:
        return sum(count for status, count in self.during.statuses.items() if status >= "500")


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` (0 to 1) of the values lie; the maximum for 1."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def judge(figures: Figures, limits: Limits) -> list[str]:
    """One sentence for each exceeded limit; empty if all hold."""
    return list(violations(figures, limits))


def violations(figures: Figures, limits: Limits) -> Iterator[str]:
    during, after = figures.during, figures.after
    if not figures.counters:
        yield "the attacker did nothing, so this run proves nothing"
    for name, window in (("before", figures.before), ("during", during), ("after", after)):
        if not window.delays or not window.pages:
            yield f"no bystander posted or loaded a page {name} the attack, so this run proves nothing"
    if not figures.alive:
        yield "the server process exited"
    if (p99 := during.percentile(0.99)) > limits.p99:
        yield f"p99 from send to delivery {ms(p99)}, above {ms(limits.p99)}"
    if (slowest := during.percentile(1)) > limits.slowest:
        yield f"slowest from send to delivery {ms(slowest)}, above {ms(limits.slowest)}"
    if during.missing:
        yield f"{during.missing} of {len(during.delays)} deliveries did not happen"
    if loading := figures.before.loading + during.loading + after.loading:
        yield f"{loading} pages were never complete"
    if (page := percentile(during.pages, 1)) > limits.page:
        yield f"slowest page {ms(page)}, above {ms(limits.page)}"
    for when, window in (("during", during), ("after", after)):
        yield from (
            f"{times} pages with {status} {when} the attack" for status, times in failed(window.statuses)
        )
        yield from (
            f"{problem} ({times} times {when} the attack)" for problem, times in window.problems.items()
        )
    if figures.growth > limits.growth:
        yield f"{figures.growth:.0f} MB more, above {limits.growth:.0f}"
    after_limit = max(limits.after, limits.busy * figures.before.percentile(0.99))
    if (late := after.percentile(0.99)) > after_limit:
        yield f"p99 after the attack {ms(late)}, above {ms(after_limit)}"
    if figures.mails > limits.mails:
        yield f"{figures.mails} mails, above {limits.mails}"
    if figures.rooms > limits.rooms:
        yield f"{figures.rooms} new rooms, above {limits.rooms}"
    if figures.exit > limits.exit:
        yield f"the process took {figures.exit:.0f} s to exit after SIGTERM, above {limits.exit:.0f}"
    yield from (f"in the log: {complaint:.300}" for complaint in figures.complaints[:3])


def failed(statuses: dict[str, int]) -> list[tuple[str, int]]:
    """The failed pages. Each page of a bystander must be 200: not 5xx, not 429, not without a response."""
    return [(status, times) for status, times in statuses.items() if status != "200"]


def ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"


def window(report: dict[str, Any]) -> Window:
    return Window(**report)
