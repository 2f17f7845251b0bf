"""`python -m tests.hostile`: run attacks. The exit status is 1 if an attack exceeds a limit."""

from __future__ import annotations

import argparse
import signal
import sys

from tests.web import Stack

from .attacks import ATTACKS
from .judge import BUSY_MACHINE, Limits, judge
from .run import Times, run_each, table


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.hostile", description=__doc__)
    parser.add_argument(
        "--attack",
        action="append",
        choices=ATTACKS,
        metavar="NAME",
        help="run only this attack; may be repeated",
    )
    parser.add_argument(
        "--seconds", type=float, default=Times.during, help="duration of each attack (%(default)s)"
    )
    parser.add_argument(
        "--stack", choices=["embedded", "full"], default="embedded",
        help="embedded: SQLite; full: PostgreSQL and Valkey (%(default)s)",
    )  # fmt: skip
    parser.add_argument("--list", action="store_true", help="list the attacks and exit")
    options = parser.parse_args()
    if options.list:
        print("\n".join(f"{attack.name:<14}{attack.description}" for attack in ATTACKS.values()))
        return 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # runs the `finally` blocks
    limits, results = Limits(), []
    with Stack(options.stack) as stack:
        times = Times(during=options.seconds)
        for figures in run_each(stack, options.attack or list(ATTACKS), times):
            results.append(figures)
            print(f"{figures.name}: {ATTACKS[figures.name].description}")
            print(f"  {', '.join(f'{action} × {count:,}' for action, count in figures.counters.items())}")
            for violation in judge(figures, limits):
                print(f"  VIOLATION {violation}")
            sys.stdout.flush()
    print("", *table(results, limits), sep="\n")
    if any(figures.starved > BUSY_MACHINE for figures in results):
        print('\nOther programs used the processors (column "starved"). Run again on a quiet machine.')
    return any(judge(figures, limits) for figures in results)


if __name__ == "__main__":
    sys.exit(main())
