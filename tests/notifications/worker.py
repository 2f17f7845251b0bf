"""A worker process of a site: `manage.py work`."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.web import ROOT, Site


@contextmanager
def worker(site: Site, *options: str, **settings: str) -> Iterator[subprocess.Popen]:
    """Run a worker with these options of `manage.py work`; it is killed at the end, if it still runs."""
    command = [sys.executable, "manage.py", "work", *options]
    with (site.folder / "worker.log").open("ab") as log:
        process = subprocess.Popen(command, cwd=ROOT, env={**site.env, **settings}, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        log_text = (site.folder / "worker.log").read_text()
        assert "Traceback" not in log_text, log_text
