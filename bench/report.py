"""Reports: raw results as lines on the terminal, tables, ratios and a chart."""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from .cases import FULL, TARGETS, Case, Target
from .chart import chart
from .contestants import CONTESTANTS, node

HERE = Path(__file__).parent
GROWTH_BOUND = 1.3  # ratio of the time with a million messages to the time with a thousand
SATURATED = 0.95  # of a core; a load generator that uses more may be the limit
PACKAGES = ("django", "channels", "daphne", "channels-redis", "picows", "msgspec")


def line(result: dict) -> str:
    """One result, for the terminal."""
    figures = [f"{result['case']:>4} {result['contestant']:<16} round {result['round'] + 1}"]
    if "deliveries" in result:
        figures.append(
            f"{result['in_flight']:>4} in flight {result['deliveries']:>9,.0f}/s "
            f"{result['posts']:>7,.0f} posts/s, {result['cpu_per_delivery'] * 1e6:.2f} µs CPU per delivery"
        )
    if "median_ms" in result:
        figures.append(f"median {result['median_ms']:.2f} ms, p99 {result['p99_ms']:.1f} ms")
    if "pss_each" in result:
        figures.append(f"{result['pss_each'] / 1024:.1f} KiB per socket")
    if "cpu" in result:
        shares = {name: f"{used / result['seconds']:.0%}" for name, used in result["cpu"].items()}
        figures.append(
            f"in {result['seconds']:.1f} s: " + ", ".join(f"{name} {share}" for name, share in shares.items())
        )
    if is_void(result):
        figures.append(
            f"VOID: {result['faults']} faults, {result['missing']} missing {result['examples'][:2]}"
        )
    return "  ".join(figures)


def growth_line(result: dict) -> str:
    return (
        f"   g {result['operation']:<24} {result['rooms']:>5} rooms {result['messages']:>9,} messages "
        f"{result['ms']:.2f} ms"
    )


def is_void(result: dict) -> bool:
    """Whether deliveries were lost, duplicated or reordered, so that the figures do not count."""
    return bool(result["faults"] or result["missing"])


def load_limited(result: dict) -> bool:
    """Whether the load generator was at its limit while the server was not. The server could do more."""
    if "cpu" not in result or "deliveries" not in result:
        return False
    load, server = (result["cpu"][name] / result["seconds"] for name in ("load", "server"))
    return load > SATURATED > server


# ── ratios ───────────────────────────────────────────────────────────────────────────────────────


def valid_results(results: Iterable[dict], case: str, contestant: str, in_flight: int) -> dict[int, dict]:
    """The results that are not void, by round."""
    return {
        result["round"]: result
        for result in results
        if (result["case"], result["contestant"]) == (case, contestant)
        and result.get("in_flight", in_flight) == in_flight
        and not is_void(result)
    }


def ratios(results: list[dict], target: Target) -> list[float]:
    """The ratio for each round in which neither result is void."""
    ours = valid_results(results, target.our_case or target.case, "obrolan", target.in_flight)
    theirs = valid_results(results, target.case, target.against, target.in_flight)
    return [
        ours[number][target.metric] / theirs[number][target.metric] for number in ours if number in theirs
    ]


def target_table(results: list[dict], growth: list[dict]) -> str:
    rows = ["| ratio | target | median | range | |", "|---|---|---|---|---|"]
    for target in TARGETS:
        if found := ratios(results, target):
            ratio = statistics.median(found)
            bound = f"{'at least' if target.at_least else 'at most'} {target.bound:g} ×"
            verdict = "reached" if target.is_reached(ratio) else "**not reached**"
            if len(os.sched_getaffinity(0)) < target.cores:
                verdict = f"not measurable: needs {target.cores} cores"
            extremes = f"{min(found):.2f}–{max(found):.2f}"
            rows.append(f"| {target.title} | {bound} | {ratio:.2f} × | {extremes} | {verdict} |")
    for operation, rooms, ratio in growth_ratios(growth):
        verdict = "reached" if ratio <= GROWTH_BOUND else "**not reached**"
        rows.append(
            f"| {operation}, {rooms:,} rooms: 1,000,000 messages against 1,000 "
            f"| at most {GROWTH_BOUND:g} × | {ratio:.2f} × | | {verdict} |"
        )
    return "\n".join(rows)


def growth_ratios(growth: list[dict]) -> list[tuple[str, int, float]]:
    """(operation, number of rooms, time with the most messages / time with the fewest)."""
    times: dict[tuple[str, int], dict[int, float]] = defaultdict(dict)
    for result in growth:
        if "ms" in result:
            times[result["operation"], result["rooms"]][result["messages"]] = result["ms"]
    return [
        (operation, rooms, by_size[max(by_size)] / by_size[min(by_size)])
        for (operation, rooms), by_size in times.items()
    ]


# ── the page ─────────────────────────────────────────────────────────────────────────────────────


def write(results: list[dict], growth: list[dict]) -> None:
    """Write RESULTS.md and chart.svg. The section with the figures of `bench.search` stays."""
    parts = [HEADER, machine(), "## Ratios\n", target_table(results, growth), CHART]
    parts += [table(case, [each for each in results if each["case"] == case.key]) for case in FULL]
    parts.append(growth_table(growth))
    results_page = HERE / "RESULTS.md"
    _, heading, search = results_page.read_text().partition("\n## Search\n")
    results_page.write_text("\n".join(filter(None, parts)) + "\n" + heading + search)
    (HERE / "chart.svg").write_text(chart(bars(results)))


def bars(results: list[dict]) -> list[tuple[float, str, bool]]:
    """Deliveries/s with 200 sockets in one room and 50 in flight: (value, title, whether it is Obrolan)."""
    return [
        (statistics.median(each["deliveries"] for each in runs.values()), contestant.title, name == "obrolan")
        for name, contestant in CONTESTANTS.items()
        if (runs := valid_results(results, "a", name, 50))
    ]


HEADER = """# Benchmark results

Generated by `make bench`. [docs/performance.md](../docs/performance.md) describes the method. Figures are
medians over the rounds, with the smallest and the largest in brackets. Obrolan commits every message to
PostgreSQL (fsync on) and publishes it through Redis before readers get it. The peers store nothing, except
"Channels tutorial + database". Every delivery is counted and checked. A run with a lost, duplicate or
reordered delivery is void and marked as such. "Server CPU" is the CPU time of the server processes alone,
without PostgreSQL, Redis and the load generator.
"""
CHART = "\n![Deliveries per second, 200 sockets in one room, 50 messages in flight](chart.svg)\n"


PLACEMENT = {
    True: "Servers, load generator and services have separate cores.",
    False: """The server has one core, the load generator another. PostgreSQL and Redis use whichever of
  the two is idle, which slows down the servers that store and publish. Several server processes share
  one core, so this machine cannot show what two or four of them can do.""",
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
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=HERE, capture_output=True, text=True
    ).stdout.strip()
    node_version = subprocess.run([node(), "--version"], capture_output=True, text=True).stdout.strip()
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return f"""
- {datetime.now(UTC):%Y-%m-%d}, commit {commit}
- {cores} cores ({model}), Linux {platform.release()}
- {PLACEMENT[cores >= 4]}
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
        for name in case.contestants:
            runs = [
                each for each in results
                if each["contestant"] == name and each.get("in_flight", in_flight) == in_flight
            ]  # fmt: skip
            if not runs:
                continue
            valid = [each for each in runs if not is_void(each)]
            label = CONTESTANTS[name].title + (f", {in_flight} in flight" if len(case.in_flight) > 1 else "")
            cells = [
                spread([each[key] * factor for each in valid if key in each], form)
                for _, key, factor, form in columns
            ]
            rows.append(f"| {label} | " + " | ".join(cells) + f" | {remarks(runs, valid)} |")
    return "\n".join(rows)


COLUMNS = (
    ("deliveries/s", "deliveries", 1, ",.0f"),
    ("posts/s", "posts", 1, ",.0f"),
    ("server CPU per delivery, µs", "cpu_per_delivery", 1e6, ".2f"),
    ("median, ms", "median_ms", 1, ".2f"),
    ("p99, ms", "p99_ms", 1, ".1f"),
    ("server CPU per socket, ms", "cpu_each", 1e3, ".2f"),
    ("server CPU, % of a core", "cpu_share", 100, ".1f"),
    ("KiB per socket (PSS)", "pss_each", 1 / 1024, ".1f"),
    ("all caught up after, s", "caught_up_s", 1, ".1f"),
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


def remarks(runs: list[dict], valid: list[dict]) -> str:
    found = []
    if len(valid) < len(runs):
        void = [each for each in runs if is_void(each)]
        found.append(
            f"{len(void)} of {len(runs)} void: {void[0]['faults']} faults, {void[0]['missing']} missing"
        )
    if any(load_limited(each) for each in valid):
        found.append("limited by the load generator")
    return "; ".join(found)


def growth_table(growth: list[dict]) -> str:
    timed = [result for result in growth if "ms" in result]
    if not timed:
        return ""
    sizes = sorted({result["messages"] for result in timed})
    times = {(each["operation"], each["rooms"], each["messages"]): each["ms"] for each in timed}
    rows = [
        "\n## Growth\n",
        "Median times in milliseconds. Pages are requested over HTTP, 40 times for each size, with the sizes",
        "in turn. The other operations run in a process of their own, without HTTP.\n",
        "| | rooms | " + " | ".join(f"{size:,} messages" for size in sizes) + " | |",
        "|---|---|" + "---|" * (len(sizes) + 1),
    ]
    for operation, rooms, ratio in growth_ratios(growth):
        cells = [f"{times[operation, rooms, size]:.2f}" for size in sizes]
        rows.append(f"| {operation} | {rooms:,} | " + " | ".join(cells) + f" | {ratio:.2f} × |")
    scans = sorted(
        {
            (result["operation"], plan["sql"][:160], scan)
            for result in growth
            for plan in result.get("plans", ())
            for scan in plan["scans"]
        }
    )
    total = sum(len(result.get("plans", ())) for result in growth)
    rows.append(
        f"\n{total} plans of hot queries were checked, on PostgreSQL and on SQLite with 100,000 messages."
    )
    rows.append("None reads all messages." if not scans else "These read all messages:\n")
    rows += [f"- {operation}: `{scan}` in `{sql}`" for operation, sql, scan in scans]
    return "\n".join(rows)
