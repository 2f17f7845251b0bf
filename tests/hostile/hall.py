"""What an attack takes place in: a site with a cast, one web process, and the bystanders."""

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
from tests.web import ROOT, Site, Stack, WebProcess

from .bystanders import ADDRESS
from .judge import MB, Window, window

SAMPLE_EVERY = 0.1  # seconds between two looks at the server's memory
PAGE_BYTES = 4_096


class Hall:
    """with Hall(stack) as hall: hall.carry_out("pings", seconds=10)"""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.opened = ExitStack()

    def __enter__(self) -> Hall:
        with ExitStack() as opening:
            self.site: Site = opening.enter_context(self.stack.site())
            self.mails = self.site.folder / "mails"
            self.mails.mkdir()
            self.site.env["EMAIL_URL"] = f"filemail:///{self.mails}"  # it drops the first slash
            self.cast = json.loads(self.run("tests.hostile.cast"))
            self.web: WebProcess = self.site.start()
            self.crowd = self.gather()
            opening.callback(self.crowd.wait, 10)
            opening.callback(self.crowd.kill)
            wait_until(lambda: self.report(0, 0) is not None, "the bystanders are inside")
            assert peers(self.web.port, ADDRESS) >= len(self.cast["bystanders"]), "another IP address"
            self.opened = opening.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self.opened.close()

    def run(self, module: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", module], cwd=ROOT, env=self.site.env, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def gather(self) -> subprocess.Popen[str]:
        plan = self.site.folder / "bystanders.json"
        plan.write_text(json.dumps({"url": self.web.url, "cards": self.cast["bystanders"]}))
        return subprocess.Popen(
            [sys.executable, "-m", "tests.hostile.bystanders", str(plan)],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def report(self, begin: float, end: float) -> Window:
        """What the bystanders saw of what began in this span of monotonic seconds."""
        assert self.crowd.stdin and self.crowd.stdout
        self.crowd.stdin.write(json.dumps({"begin": begin, "end": end}) + "\n")
        self.crowd.stdin.flush()
        answer = self.crowd.stdout.readline()
        if not answer:
            raise RuntimeError("the bystanders' process ended; its reason is above")
        return window(json.loads(answer))

    def attack(self, name: str, seconds: float, address: str) -> dict[str, Any]:
        """Carry out an attack in a process of its own; returns its tally."""
        plan = self.site.folder / "attack.json"
        plan.write_text(
            json.dumps(
                {
                    "name": name,
                    "seconds": seconds,
                    "address": address,
                    "port": self.web.port,
                    "cast": self.cast,
                }
            )
        )
        done = subprocess.run(
            [sys.executable, "-m", "tests.hostile.attacker", str(plan)],
            cwd=ROOT, stdout=subprocess.PIPE, text=True, timeout=seconds + 60,
        )  # fmt: skip
        assert done.returncode == 0, f"the attacker ended with {done.returncode}; its reason is above"
        return json.loads(done.stdout)

    def end(self) -> float:
        """Send SIGTERM while everybody is still connected; seconds until the process has ended."""
        began = time.monotonic()
        with suppress(subprocess.TimeoutExpired):
            self.web.terminate()
        return time.monotonic() - began

    def sent_mails(self) -> int:
        return sum(path.read_text().count("Message-ID:") for path in self.mails.iterdir())

    def count_rooms(self) -> int:
        default = f"sqlite:///{self.site.folder}/obrolan.sqlite3"
        return len(Database(self.site.env.get("DATABASE_URL", default)).heads())


class Memory(threading.Thread):
    """Samples a process's resident memory. `at_most` is its peak in MB, `began` and `now()` are moments."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.statm, self.schedstat = Path(f"/proc/{pid}/statm"), Path(f"/proc/{pid}/schedstat")
        self.began = self.at_most = self.now()
        self.stopped = threading.Event()

    def waited(self) -> float:
        """Seconds for which the process's main thread wanted a processor and got none."""
        try:
            return int(self.schedstat.read_text().split()[1]) / 1e9
        except OSError:  # it ended, or the kernel does not count it
            return 0.0

    def now(self) -> float:
        try:
            return int(self.statm.read_text().split()[1]) * PAGE_BYTES / MB
        except OSError:  # it ended
            return 0.0

    def run(self) -> None:
        while not self.stopped.wait(SAMPLE_EVERY):
            self.at_most = max(self.at_most, self.now())

    def stop(self) -> None:
        self.stopped.set()
        self.join()


def peers(port: int, address: str) -> int:
    """Connections to `port` that this machine's kernel says come from `address`, as the server sees it."""
    reverse = "".join(f"{int(number):02X}" for number in reversed(address.split(".")))
    rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(row[1].endswith(f":{port:04X}") and row[2].startswith(reverse) for row in rows)


def sleep_until(moment: float) -> None:
    time.sleep(max(0.0, moment - time.monotonic()))
