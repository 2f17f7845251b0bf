"""`python -m tests.chaos`: breaks a running Obrolan by a seed; exit status 0 when every invariant held."""

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
    "seed": "decides who says what and what breaks when; by chance, and printed",
    "duration": "seconds",
    "clients": "people, one screen each",
    "rooms": "rooms; in the first one people only post",
    "processes": "web processes",
    "faults": f"all, none, or of these, with commas: {', '.join(FAULTS)}",
    "every": "seconds between two faults; 0: each once",
    "stack": "full (PostgreSQL and Valkey) or embedded (SQLite, with --processes 1)",
    "redis": "lives, or dead from the first to the last second",
    "hints": "share of the layer's messages that are harmed, 0 to 1",
    "harm": "how, of these: drop,repeat,reorder",
    "rate": "commands a second, by all people together",
    "patience": "times the seconds within which screens have to be whole: more on a busy machine",
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    for option in fields(Options):
        kind, default = type(option.default), option.default
        parser.add_argument(
            f"--{option.name}", type=kind, default=default, help=f"{HELP[option.name]} ({default})"
        )
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is stopped
    parser.set_defaults(seed=random.randrange(1_000_000))
    parser.add_argument("--seeds", type=span, help="first-last: one run after the other, then tables of all")
    parser.add_argument("--keep", action="store_true", help="keep the run's directory, with logs and diaries")
    chosen = vars(parser.parse_args())
    keep, seeds = chosen.pop("keep"), chosen.pop("seeds")
    if chosen["stack"] == "embedded" and chosen["processes"] > 1:
        parser.error("SQLite serves one process: add --processes 1.")
    reports = [once(Options(**chosen | {"seed": seed}), keep) for seed in seeds or [chosen["seed"]]]
    if seeds:
        print("\n".join(tables(reports)))
    return any(report.violations for report in reports)


def span(words: str) -> Iterable[int]:
    first, last = map(int, words.split("-"))
    return range(first, last + 1)


def once(options: Options, keep: bool) -> Report:
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
