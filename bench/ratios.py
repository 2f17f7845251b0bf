"""Ratios of results of the same round, and whether they reach their targets."""

from __future__ import annotations

import os
import statistics
from collections import defaultdict
from collections.abc import Iterable

from .targets import TARGETS, Target

SATURATED = 0.95  # of a core; a load generator that uses more may be the limit
GROWTH_BOUND = 1.3  # ratio of the time with a million messages to the time with a thousand


def is_void(result: dict) -> bool:
    """Whether deliveries were lost, duplicated or reordered, so that the figures do not count."""
    return bool(result["faults"] or result["missing"])


def valid_results(results: Iterable[dict], case: str, contestant: str, in_flight: int) -> dict[int, dict]:
    """The results that are not void, by round."""
    return {
        result["round"]: result
        for result in results
        if (result["case"], result["contestant"]) == (case, contestant)
        and result.get("in_flight", in_flight) == in_flight
        and not is_void(result)
    }


def load_limited(result: dict) -> bool:
    """Whether the load generator was at its limit while the server was not. The server could do more."""
    if "cpu" not in result or "deliveries" not in result:
        return False
    load, server = (result["cpu"][name] / result["seconds"] for name in ("load", "server"))
    return load > SATURATED > server


def ratios(results: list[dict], target: Target) -> list[float]:
    """The ratio for each round in which neither result is void, or Obrolan's own figures."""
    ours = valid_results(results, target.our_case or target.case, "obrolan", target.in_flight)
    if not target.against:
        return [each[target.metric] for each in ours.values()]
    theirs = valid_results(results, target.case, target.against, target.in_flight)
    return [
        ours[number][target.metric] / theirs[number][target.metric] for number in ours if number in theirs
    ]


def target_table(results: list[dict], growth: list[dict]) -> str:
    rows = ["| ratio | target | median | range | |", "|---|---|---|---|---|"]
    for target in TARGETS:
        if found := ratios(results, target):
            ratio = statistics.median(found)
            bound = f"{'at least' if target.at_least else 'at most'} {target.bound:g} {target.unit}"
            verdict = "reached" if target.is_reached(ratio) else "**not reached**"
            if len(os.sched_getaffinity(0)) < target.cores:
                verdict = f"not measurable: needs {target.cores} cores"
            theirs = valid_results(results, target.case, target.against, target.in_flight)
            if any(map(load_limited, theirs.values())):
                verdict += "; the load generator limited the other server, so it could do more"
            extremes = f"{min(found):.2f}–{max(found):.2f}"
            rows.append(f"| {target.title} | {bound} | {ratio:.2f} {target.unit} | {extremes} | {verdict} |")
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
