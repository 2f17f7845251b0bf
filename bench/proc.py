"""CPU and memory of whole process trees, read from /proc: nobody has to be asked, nothing is disturbed."""

import os
from collections.abc import Iterable
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")  # a second
PROC = Path("/proc")


def tree(roots: Iterable[int]) -> list[int]:
    """These processes and all their descendants, as they are now."""
    children: dict[int, list[int]] = {}
    for entry in PROC.iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found, waiting = [], list(roots)
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        waiting += children.get(pid, [])
    return found


def cpu(roots: Iterable[int]) -> float:
    """Seconds that the trees have used, user and system, children that ended included."""
    return sum(sum(map(int, fields[11:15])) for pid in tree(roots) if (fields := _stat(pid))) / TICKS


def memory(roots: Iterable[int]) -> dict[str, int]:
    """Bytes: `rss` counts shared pages in each process, `pss` divides them among their users."""
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
    """/proc/PID/stat after the name, which may hold spaces: [0] is the state, [1] the parent."""
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
