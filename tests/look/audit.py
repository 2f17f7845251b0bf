"""`make audit`: axe, Lighthouse and layout shift on the sample data.

Prints a table of figures. The exit status is 1 if axe has a finding, if a score of Lighthouse is below 97, if
the layout shifts, or if a page could not be brought into a state.

python -m tests.look.audit                            everything
python -m tests.look.audit axe "emoji picker" lobby    only axe, in these states
"""

from __future__ import annotations

import sys

from . import axe, lighthouse, shift
from .site import Look, look

SHIFT = 0.001  # below: a message at the end whose own text became shorter, by a few pixels


def main(part: str = "all", *names: str) -> int:
    parts = {"axe": lambda found: audit_states(found, [*names]), "shift": audit_shift,
             "lighthouse": audit_lighthouse}  # fmt: skip
    failures = 0
    with look() as found:
        for name, audit in parts.items():
            if part in ("all", name):
                failures += audit(found)
    print(f"\n{failures} failures" if failures else "\nNo failures.")
    return int(failures > 0)


def audit_states(found: Look, names: list[str]) -> int:
    print("\n| state | screen | axe |\n|---|---|---|")
    failures = 0
    for checked in axe.check_states(found, names):
        lines = [f"not reached: {checked.error}"] if checked.error else checked.findings
        failures += bool(lines)
        row(checked.state, checked.screen, "; ".join(lines) or "no finding")
    return failures


def audit_shift(found: Look) -> int:
    print("\n| while | screen | layout shift |\n|---|---|---|")
    failures = 0
    for measured in shift.measure(found):
        failures += measured.value >= SHIFT
        row(measured.what, measured.screen, f"{measured.value:.4f} {', '.join(measured.nodes)}".strip())
    return failures


def audit_lighthouse(found: Look) -> int:
    print(f"\n| page | {' | '.join(lighthouse.CATEGORIES)} | to improve |\n|---|{'---|' * 4}")
    failures = 0
    for measured in lighthouse.measure(found):
        failures += not measured.passed
        row(measured.page, *measured.scores.values(), "; ".join(measured.failed))
    return failures


def row(*cells: object) -> None:
    print(f"| {' | '.join(map(str, cells))} |", flush=True)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
