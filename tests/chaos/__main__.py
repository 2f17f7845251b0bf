"""`python -m tests.chaos`: run the chaos test with a seed. The exit status is 0 if every invariant holds."""

from __future__ import annotations

import argparse
import random
import shutil
import signal
import sys
from collections.abc import Iterable
from dataclasses import fields

from tests.services import workplace

from .faults import FAULTS
from .run import Options, Report, run, tables

HELP = {
    "seed": "decides the commands and the faults; random and printed if not given",
    "duration": "length of the run in seconds",
    "clients": "number of clients, one connection each",
    "rooms": "number of rooms; clients in the first one only post",
    "people": "number of clients in each room, instead of --clients",
    "processes": "number of web processes",
    "faults": f"all, none, or a comma-separated list of: {', '.join(FAULTS)}",
    "every": "seconds between two faults; 0 injects each fault once",
    "stack": "full (PostgreSQL and Valkey) or embedded (SQLite, with --processes 1)",
    "redis": "alive, or dead for the whole run",
    "pooler": "none, or pgbouncer between the web processes and PostgreSQL",
    "hints": "share of the channel layer's messages that are disturbed, 0 to 1",
    "harm": "how they are disturbed, a comma-separated list of: drop, repeat, reorder",
    "rate": "commands per second, of all clients together",
    "patience": "multiplies the allowed times; raise it on a busy machine",
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    for option in fields(Options):
        kind, default = type(option.default), option.default
        parser.add_argument(
            f"--{option.name}", type=kind, default=default, help=f"{HELP[option.name]} ({default})"
        )
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # runs the `finally` blocks
    parser.set_defaults(seed=random.randrange(1_000_000))
    parser.add_argument("--seeds", type=seed_range, help="first-last: one run for each seed, then a summary")
    parser.add_argument("--keep", action="store_true", help="keep the run's directory with all logs")
    arguments = vars(parser.parse_args())
    keep, seeds = arguments.pop("keep"), arguments.pop("seeds")
    if arguments["stack"] == "embedded" and arguments["processes"] > 1:
        parser.error("SQLite supports one process only: add --processes 1.")
    if arguments["stack"] == "embedded" and arguments["pooler"] != "none":
        parser.error("SQLite has no connections to pool.")
    reports = [run_once(Options(**arguments | {"seed": seed}), keep) for seed in seeds or [arguments["seed"]]]
    if seeds:
        print("\n".join(tables(reports)))
    return any(report.violations for report in reports)


def seed_range(argument: str) -> Iterable[int]:
    first, last = map(int, argument.split("-"))
    return range(first, last + 1)


def run_once(options: Options, keep: bool) -> Report:
    folder = workplace("chaos-")
    print(f"chaos: seed {options.seed}, in {folder}", flush=True)
    try:
        report = run(options, folder)
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)
    print("\n".join(report.lines()), flush=True)
    return report


if __name__ == "__main__":
    sys.exit(main())
