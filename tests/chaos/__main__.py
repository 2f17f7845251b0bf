"""`python -m tests.chaos`: exit status 0 when every invariant held."""

from __future__ import annotations

import argparse
import random
import shutil
import signal
import sys
from dataclasses import fields

from tests.services import workplace

from .run import Options, run


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    for option in fields(Options):
        parser.add_argument(f"--{option.name}", type=type(option.default), default=option.default)
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
