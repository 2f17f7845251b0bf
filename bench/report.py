"""From raw results to lines, tables, ratios and a chart."""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from .cases import FULL, TARGETS, Case, Target
from .chart import chart
from .contestants import CONTESTANTS, node

__all__ = ["line", "replace", "targets", "write"]

HERE = Path(__file__).parent
GROWTH_BOUND = 1.3  # times, at a million messages against a thousand
SATURATED = 0.95  # of a core: then the load program may be the limit
PEER_PACKAGES = ("django", "channels", "daphne", "channels-redis", "picows", "msgspec")


def line(result: dict) -> str:
    """One run, for the one who waits."""
    figures = [f"{result['case']:>4} {result['contestant']:<16} round {result['round'] + 1}"]
    if "deliveries" in result:
        figures.append(
            f"{result['in_flight']:>4} in flight {result['deliveries']:>9,.0f}/s "
            f"{result['posts']:>7,.0f} posts/s, {result['cpu_per_delivery'] * 1e6:.2f} µs CPU a delivery"
        )
    if "median_ms" in result:
        figures.append(f"median {result['median_ms']:.2f} ms, p99 {result['p99_ms']:.1f} ms")
    if "pss_each" in result:
        figures.append(f"{result['pss_each'] / 1024:.1f} KiB each")
    if "cpu" in result:
        shares = {name: f"{used / result['seconds']:.0%}" for name, used in result["cpu"].items()}
        figures.append(
            f"in {result['seconds']:.1f} s: " + ", ".join(f"{name} {share}" for name, share in shares.items())
        )
    if void(result):
        figures.append(
            f"VOID: {result['faults']} faults, {result['missing']} missing {result['examples'][:2]}"
        )
    return "  ".join(figures)


def void(result: dict) -> bool:
    return bool(result["faults"] or result["missing"])


def load_limited(result: dict) -> bool:
    """The load program was at its limit and the server was not: the server could do more."""
    if "cpu" not in result or "deliveries" not in result:
        return False
    load, server = (result["cpu"][name] / result["seconds"] for name in ("load", "server"))
    return load > SATURATED > server


# ── ratios ───────────────────────────────────────────────────────────────────────────────────────


def pick(results: Iterable[dict], case: str, contestant: str, in_flight: int) -> dict[int, dict]:
    """Round → result, void runs left out."""
    return {
        result["round"]: result
        for result in results
        if (result["case"], result["contestant"]) == (case, contestant)
        and result.get("in_flight", in_flight) == in_flight
        and not void(result)
    }


def ratios(results: list[dict], target: Target) -> list[float]:
    """One ratio for each round in which both ran well."""
    ours = pick(results, target.our_case or target.case, "obrolan", target.in_flight)
    theirs = pick(results, target.case, target.against, target.in_flight)
    return [
        ours[number][target.figure] / theirs[number][target.figure] for number in ours if number in theirs
    ]


def targets(results: list[dict], grown: list[dict]) -> str:
    rows = ["| ratio | to reach | median | spread | |", "|---|---|---|---|---|"]
    for target in TARGETS:
        if found := ratios(results, target):
            ratio = statistics.median(found)
            bound = f"{'at least' if target.at_least else 'at most'} {target.bound:g} ×"
            verdict = "reached" if target.reached(ratio) else "**not reached**"
            if len(os.sched_getaffinity(0)) < target.cores:
                verdict = f"not shown: it takes {target.cores} cores"
            rows.append(
                f"| {target.what} | {bound} | {ratio:.2f} × | {min(found):.2f}–{max(found):.2f} | {verdict} |"
            )
    for what, rooms, ratio in growth_ratios(grown):
        verdict = "reached" if ratio <= GROWTH_BOUND else "**not reached**"
        rows.append(
            f"| {what}, {rooms:,} rooms: at 1,000,000 messages against 1,000 "
            f"| at most {GROWTH_BOUND:g} × | {ratio:.2f} × | | {verdict} |"
        )
    return "\n".join(rows)


def growth_ratios(grown: list[dict]) -> list[tuple[str, int, float]]:
    sizes: dict[tuple[str, int], dict[int, float]] = defaultdict(dict)
    for each in grown:
        if "ms" in each:
            sizes[each["what"], each["rooms"]][each["messages"]] = each["ms"]
    return [(what, rooms, taken[max(taken)] / taken[min(taken)]) for (what, rooms), taken in sizes.items()]


# ── the page ─────────────────────────────────────────────────────────────────────────────────────


def write(results: list[dict], grown: list[dict]) -> None:
    parts = [HEADER, machine(), "## The ratios\n", targets(results, grown), CHART]
    parts += [table(case, [each for each in results if each["case"] == case.key]) for case in FULL]
    parts.append(growth_table(grown))
    (HERE / "RESULTS.md").write_text("\n".join(filter(None, parts)) + "\n")
    (HERE / "chart.svg").write_text(chart(speeds(results)))


def speeds(results: list[dict]) -> list[tuple[float, str, bool]]:
    """Deliveries a second, 200 sockets in one room, 50 in flight: (figure, title, whether it is ours)."""
    return [
        (statistics.median(each["deliveries"] for each in runs.values()), contestant.title, name == "obrolan")
        for name, contestant in CONTESTANTS.items()
        if (runs := pick(results, "a", name, 50))
    ]


HEADER = """# Results of the bench

Written by `make bench`; what is measured and how to read it: [docs/performance.md](../docs/performance.md).
Medians of the rounds, smallest and largest in brackets. Obrolan commits every message to PostgreSQL (fsync
on) and sends it through Redis before it is shown; the peers store nothing, but for "tutorial + database".
Every delivery was counted and checked; a run with a missing, doubled or out-of-order delivery is void and
says so. "Server CPU" is that of the server's processes alone, without PostgreSQL, Redis and the load program.
"""
CHART = "\n![Deliveries a second, 200 sockets in one room, 50 messages in flight](chart.svg)\n"


PLACED = {
    True: "Servers, load program and services on cores of their own.",
    False: """The server on one core, the load program on the other, PostgreSQL and Redis on whichever of the
  two is free: who stores and publishes pays for it, the bare broadcasts do not. Several server processes
  share the one core, so what two and four of them can do is not shown by this machine.""",
}


def machine() -> str:
    cores = len(os.sched_getaffinity(0))
    model = next(
        (
            row.partition(":")[2].strip()
            for row in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in row
        ),
        platform.machine(),
    )
    told = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=HERE, capture_output=True, text=True
    ).stdout.strip()
    node_version = subprocess.run([node(), "--version"], capture_output=True, text=True).stdout.strip()
    packages = ", ".join(f"{name} {version(name)}" for name in PEER_PACKAGES)
    return f"""
- {datetime.now(UTC):%Y-%m-%d}, commit {told}
- {cores} cores ({model}), Linux {platform.release()}. {PLACED[cores >= 4]}
- Python {platform.python_version()}, Node {node_version[1:]}, PostgreSQL 18 and Valkey from wheels
- {packages}
"""


def table(case: Case, results: list[dict]) -> str:
    if not results:
        return ""
    columns = [column for column in COLUMNS if any(column[1] in each for each in results)]
    rows = [
        f"\n## {case.title}\n",
        "| | " + " | ".join(column[0] for column in columns) + " | |",
        "|---|" + "---|" * (len(columns) + 1),
    ]
    for in_flight in case.in_flight:
        for name in case.who:
            runs = [
                each for each in results
                if each["contestant"] == name and each.get("in_flight", in_flight) == in_flight
            ]  # fmt: skip
            if not runs:
                continue
            good = [each for each in runs if not void(each)]
            label = CONTESTANTS[name].title + (f", {in_flight} in flight" if len(case.in_flight) > 1 else "")
            cells = [
                spread([each[key] * factor for each in good if key in each], form)
                for _, key, factor, form in columns
            ]
            rows.append(f"| {label} | " + " | ".join(cells) + f" | {remarks(runs, good)} |")
    return "\n".join(rows)


COLUMNS = (
    ("deliveries/s", "deliveries", 1, ",.0f"),
    ("posts/s", "posts", 1, ",.0f"),
    ("server CPU a delivery, µs", "cpu_per_delivery", 1e6, ".2f"),
    ("median, ms", "median_ms", 1, ".2f"),
    ("p99, ms", "p99_ms", 1, ".1f"),
    ("server CPU a socket, ms", "cpu_each", 1e3, ".2f"),
    ("server CPU, % of a core", "cpu_share", 100, ".1f"),
    ("KiB a socket (PSS)", "pss_each", 1 / 1024, ".1f"),
    ("all there after, s", "caught_up_s", 1, ".1f"),
)


def spread(figures: list[float], form: str) -> str:
    if not figures:
        return "–"
    middle = format(statistics.median(figures), form)
    return (
        middle
        if len(figures) == 1
        else f"{middle} ({format(min(figures), form)}–{format(max(figures), form)})"
    )


def remarks(runs: list[dict], good: list[dict]) -> str:
    told = []
    if len(good) < len(runs):
        bad = next(each for each in runs if void(each))
        told.append(
            f"{len(runs) - len(good)} of {len(runs)} void: {bad['faults']} faults, {bad['missing']} missing"
        )
    if any(load_limited(each) for each in good):
        told.append("the load program was the limit")
    return "; ".join(told)


def growth_table(grown: list[dict]) -> str:
    timed = [each for each in grown if "ms" in each]
    if not timed:
        return ""
    sizes = sorted({each["messages"] for each in timed})
    rows = [
        "\n## Growth\n",
        "Median of 40, milliseconds; pages over HTTP, whole, the sizes asked in turn; the rest in process.\n",
        "| | rooms | " + " | ".join(f"{size:,} messages" for size in sizes) + " | |",
        "|---|---|" + "---|" * (len(sizes) + 1),
    ]
    for what, rooms, ratio in growth_ratios(grown):
        cells = [
            next(e["ms"] for e in timed if (e["what"], e["rooms"], e["messages"]) == (what, rooms, size))
            for size in sizes
        ]
        rows.append(
            f"| {what} | {rooms:,} | " + " | ".join(f"{cell:.2f}" for cell in cells) + f" | {ratio:.2f} × |"
        )
    scans = sorted(
        {
            (e["what"], plan["sql"][:160], scan)
            for e in grown
            for plan in e.get("plans", ())
            for scan in plan["scans"]
        }
    )
    total = sum(len(e.get("plans", ())) for e in grown)
    rows.append(f"\n{total} plans of hot queries were read (PostgreSQL, and SQLite at 100,000 messages); ")
    rows.append("none walks all messages." if not scans else "these walk all messages:\n")
    rows += [f"- {what}: `{scan}` in `{sql}`" for what, sql, scan in scans]
    return "\n".join(rows)
