"""`python -m tests.chaos`: breaks a running Obrolan by a seed; exit status 0 when every invariant held."""

from __future__ import annotations

import argparse
import random
import shutil
import signal
import sys
from dataclasses import fields

from tests.services import workplace

from .faults import FAULTS
from .run import Options, run

HELP = {
    "seed": "decides who says what and what breaks when; by chance, and printed",
    "duration": "seconds",
    "clients": "people, one screen each",
    "rooms": "rooms; in the first one people only post",
    "processes": "web processes",
    "faults": f"all, none, or of these, with commas: {', '.join(FAULTS)}",
    "every": "seconds between two faults; 0: each once",
    "stack": "full (PostgreSQL and Valkey) or embedded (SQLite, one process)",
    "server": "daphne or uvicorn",
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
    parser.add_argument("--keep", action="store_true", help="keep the run's directory, with logs and diaries")
    chosen = vars(parser.parse_args())
    keep = chosen.pop("keep")
    folder = workplace("chaos-")
    print(f"chaos: seed {chosen['seed']}, in {folder}", flush=True)
    try:
        report = run(Options(**chosen), folder)
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)
    print("\n".join(report.lines()))
    return 1 if report.violations else 0


if __name__ == "__main__":
    sys.exit(main())
