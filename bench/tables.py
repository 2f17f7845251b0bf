"""The tables of RESULTS.md: one for each case, and one for the growth."""

from __future__ import annotations

import statistics

from .cases import Case
from .contestants import CONTESTANTS
from .ratios import growth_ratios, is_void, load_limited

COLUMNS = (
    ("deliveries/s", "deliveries", 1, ",.0f"),
    ("posts/s", "posts", 1, ",.0f"),
    ("server CPU per delivery, µs", "cpu_per_delivery", 1e6, ".2f"),
    ("median, ms", "median_ms", 1, ".2f"),
    ("p99, ms", "p99_ms", 1, ".1f"),
    ("server CPU per socket, ms", "cpu_each", 1e3, ".2f"),
    ("server CPU, % of a core", "cpu_share", 100, ".1f"),
    ("PostgreSQL and Redis, % of a core", "services_share", 100, ".1f"),
    ("KiB per socket (PSS)", "pss_each", 1 / 1024, ".1f"),
    ("all caught up after, s", "caught_up_s", 1, ".1f"),
    ("slowest heartbeat, ms", "heartbeat_ms", 1, ".1f"),
    ("longest pass of the event loop, ms", "pass_ms", 1, ".1f"),
    ("most CPU in a pass, ms", "pass_cpu_ms", 1, ".1f"),
    ("frames to tabs/s", "list_frames", 1, ",.0f"),
)


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
