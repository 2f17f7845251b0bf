"""CPU time and memory of whole process trees, read from /proc."""

import os
from collections.abc import Iterable
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")  # per second
PROC = Path("/proc")


def tree(roots: Iterable[int]) -> list[int]:
    """The ids of these processes and all their current descendants."""
    children: dict[int, list[int]] = {}
    for entry in PROC.iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    pids, pending = [], list(roots)
    while pending:
        pid = pending.pop()
        pids.append(pid)
        pending += children.get(pid, [])
    return pids


def cpu(roots: Iterable[int]) -> float:
    """CPU seconds of the trees, user and system, with children that have ended."""
    return sum(sum(map(int, fields[11:15])) for pid in tree(roots) if (fields := _stat(pid))) / TICKS


def memory(roots: Iterable[int]) -> dict[str, int]:
    """Bytes of memory. `rss` counts a shared page for each process, `pss` divides it among the processes."""
    totals = {"rss": 0, "pss": 0}
    for pid in tree(roots):
        try:
            lines = (PROC / str(pid) / "smaps_rollup").read_text().splitlines()
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
        for line in lines:
            name, _, rest = line.partition(":")
            if name.lower() in totals:
                totals[name.lower()] += int(rest.split()[0]) * 1024
    return totals


def _stat(pid: int) -> list[str] | None:
    """The fields of /proc/PID/stat after the name, which may contain spaces: [0] state, [1] parent's id."""
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
