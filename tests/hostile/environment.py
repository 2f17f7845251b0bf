"""The environment of an attack: a site with fixtures, one web process, and the bystanders."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from tests.chaos.database import Database
from tests.services import wait_until
from tests.web import ROOT, SERVE, Site, Stack, WebProcess

from .bystanders import IP
from .judge import MB, Window, window

SAMPLE_INTERVAL = 0.1  # seconds between two samples of the server's memory
PAGE_BYTES = 4_096


class Environment:
    """with Environment(stack) as environment: environment.attack("pings", seconds=10, ip="127.0.1.1")"""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.cleanup = ExitStack()

    def __enter__(self) -> Environment:
        with ExitStack() as starting:
            self.site: Site = starting.enter_context(self.stack.site())
            self.mails = self.site.folder / "mails"
            self.mails.mkdir()
            self.site.env["EMAIL_URL"] = f"filemail:///{self.mails}"  # django-environ drops the first slash
            self.fixtures = json.loads(self.run("tests.hostile.fixtures"))
            self.web: WebProcess = self.site.start(SERVE)
            self.bystanders = self.start_bystanders()
            starting.callback(self.bystanders.wait, 10)
            starting.callback(self.bystanders.kill)
            wait_until(lambda: self.report(0, 0) is not None, "the bystanders are not connected")
            assert count_connections(self.web.port, IP) >= len(self.fixtures["bystanders"]), (
                "unexpected IP address"
            )
            self.cleanup = starting.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self.cleanup.close()

    def run(self, module: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", module], cwd=ROOT, env=self.site.env, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start_bystanders(self) -> subprocess.Popen[str]:
        plan = self.site.folder / "bystanders.json"
        plan.write_text(json.dumps({"url": self.web.url, "profiles": self.fixtures["bystanders"]}))
        return subprocess.Popen(
            [sys.executable, "-m", "tests.hostile.bystanders", str(plan)],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def report(self, begin: float, end: float) -> Window:
        """The bystanders' measurements of everything that started in this span of monotonic seconds."""
        assert self.bystanders.stdin and self.bystanders.stdout
        self.bystanders.stdin.write(json.dumps({"begin": begin, "end": end}) + "\n")
        self.bystanders.stdin.flush()
        reply = self.bystanders.stdout.readline()
        if not reply:
            raise RuntimeError("the bystanders' process ended; see its error above")
        return window(json.loads(reply))

    def attack(self, name: str, seconds: float, ip: str) -> dict[str, Any]:
        """Run an attack in a process of its own; returns its start, end and counters."""
        plan = self.site.folder / "attack.json"
        plan.write_text(
            json.dumps(
                {
                    "name": name,
                    "seconds": seconds,
                    "ip": ip,
                    "port": self.web.port,
                    "fixtures": self.fixtures,
                }
            )
        )
        done = subprocess.run(
            [sys.executable, "-m", "tests.hostile.attacker", str(plan)],
            cwd=ROOT, stdout=subprocess.PIPE, text=True, timeout=seconds + 60,
        )  # fmt: skip
        assert done.returncode == 0, f"the attacker ended with {done.returncode}; see its error above"
        return json.loads(done.stdout)

    def terminate(self) -> float:
        """Send SIGTERM while all clients are connected; returns the seconds until the process has exited."""
        started = time.monotonic()
        with suppress(subprocess.TimeoutExpired):
            self.web.terminate()
        return time.monotonic() - started

    def count_mails(self) -> int:
        return sum(path.read_text().count("Message-ID:") for path in self.mails.iterdir())

    def count_rooms(self) -> int:
        default = f"sqlite:///{self.site.folder}/obrolan.sqlite3"
        return len(Database(self.site.env.get("DATABASE_URL", default)).heads())


class Memory(threading.Thread):
    """Samples the resident memory of a process. `first`, `peak` and `now()` are MB."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.statm, self.schedstat = Path(f"/proc/{pid}/statm"), Path(f"/proc/{pid}/schedstat")
        self.first = self.peak = self.now()
        self.stopped = threading.Event()

    def waited(self) -> float:
        """Seconds for which the process's main thread was runnable but did not get a processor."""
        try:
            return int(self.schedstat.read_text().split()[1]) / 1e9
        except OSError:  # the process has exited, or the kernel does not count this
            return 0.0

    def now(self) -> float:
        try:
            return int(self.statm.read_text().split()[1]) * PAGE_BYTES / MB
        except OSError:  # the process has exited
            return 0.0

    def run(self) -> None:
        while not self.stopped.wait(SAMPLE_INTERVAL):
            self.peak = max(self.peak, self.now())

    def stop(self) -> None:
        self.stopped.set()
        self.join()


def count_connections(port: int, ip: str) -> int:
    """The number of connections from `ip` to `port` in the kernel's connection table."""
    reverse = "".join(f"{int(number):02X}" for number in reversed(ip.split(".")))
    rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(row[1].endswith(f":{port:04X}") and row[2].startswith(reverse) for row in rows)


def sleep_until(moment: float) -> None:
    time.sleep(max(0.0, moment - time.monotonic()))
