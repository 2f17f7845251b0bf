"""`python -m tests.hostile`: one attacker in a loop; exit status 1 when the others notice too much of it."""

from __future__ import annotations

import argparse
import signal
import sys

from tests.web import Stack

from .attacks import ATTACKS
from .judge import BUSY_MACHINE, Limits, judge
from .run import Times, each_on_its_own, table


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.hostile", description=__doc__)
    parser.add_argument(
        "--attack", action="append", choices=ATTACKS, metavar="NAME", help="only this one; may be repeated"
    )
    parser.add_argument("--seconds", type=float, default=Times.during, help="of each attack (%(default)s)")
    parser.add_argument(
        "--stack", choices=["embedded", "full"], default="embedded",
        help="embedded: SQLite; full: PostgreSQL and Valkey (%(default)s)",
    )  # fmt: skip
    parser.add_argument("--list", action="store_true", help="list the attacks and end")
    options = parser.parse_args()
    if options.list:
        print("\n".join(f"{attack.name:<14}{attack.words}" for attack in ATTACKS.values()))
        return 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is stopped
    limits, found = Limits(), []
    with Stack(options.stack) as stack:
        times = Times(during=options.seconds)
        for figures in each_on_its_own(stack, options.attack or list(ATTACKS), times):
            found.append(figures)
            print(f"{figures.name}: {ATTACKS[figures.name].words}")
            print(f"  {', '.join(f'{what} × {count:,}' for what, count in figures.tally.items())}")
            for violation in judge(figures, limits):
                print(f"  FALLS SHORT {violation}")
            sys.stdout.flush()
    print("", *table(found, limits), sep="\n")
    if any(figures.starved > BUSY_MACHINE for figures in found):
        print('\nOther programs kept the processors busy ("starved"): run again on a quiet machine.')
    return any(judge(figures, limits) for figures in found)


if __name__ == "__main__":
    sys.exit(main())
