"""The environment of one run: its own database, Valkey and web processes. Closing it kills them all."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.pgbouncer import PgBouncer
from tests.services import Postgres, Valkey
from tests.web import ROOT, WebProcess

from .database import Database

EXIT_TIMEOUT = 10  # seconds from SIGTERM to the end of a drained process
NO_LIMITS = {
    "OBROLAN_POST_RATE": "10000",
    "OBROLAN_POST_BURST": "10000",
    "OBROLAN_SOCKETS_PER_PERSON": "1000",
    "OBROLAN_SOCKETS_PER_ADDRESS": "100000",
}


class ChaosWebProcess(WebProcess):
    """A web process whose clock can be wrong."""

    def __init__(self, folder: Path, number: int, variables: dict[str, str]) -> None:
        command = [sys.executable, "-m", "tests.chaos.web", "--port", "{port}"]
        super().__init__(folder, variables, command)
        self.name = f"web-{number}"
        self.log = folder / f"{self.name}.log"
        self.skew = 0  # seconds
        self.errors: list[str] = []  # in addition to those in the log

    def launch(self) -> None:
        self.env |= {"CHAOS_SKEW": str(self.skew)}
        super().launch()

    def complaints(self) -> list[str]:
        return [*self.errors, *(f"{self.name}: {text}" for text in super().complaints())]


class Environment:
    def __init__(
        self,
        folder: Path,
        *,
        stack: str = "full",
        processes: int = 2,
        redis: bool = True,
        pooled: bool = False,
        variables: dict[str, str] | None = None,
    ) -> None:
        self.folder, self.stack = folder, stack
        self.kill_switch = folder / "kill-after-commit"
        self.postgres = Postgres(folder, durable=True) if stack == "full" else None
        self.valkey = Valkey(folder) if stack == "full" else None
        self.pgbouncer = PgBouncer(folder, self.postgres.url("chaos")) if self.postgres and pooled else None
        self.redis_alive = redis
        self.variables = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "DEBUG": "off",
            "SECRET_KEY": "the chaos run's own key, which signs nothing that outlives it 0123456789",
            "ALLOWED_HOSTS": "127.0.0.1",
            "OBROLAN_PLAIN_HTTP": "on",
            "OBROLAN_DATA": str(folder / "data"),
            "OBROLAN_PROCESSES": str(processes),
            "CHAOS_ARM": str(self.kill_switch),
            **NO_LIMITS,
            **(variables or {}),
        }
        self.processes = processes
        self.webs: list[ChaosWebProcess] = []
        self._cleanup = ExitStack()

    def __enter__(self) -> Environment:
        with ExitStack() as starting:
            (self.folder / "data").mkdir(exist_ok=True)
            if self.postgres and self.valkey:
                starting.enter_context(self.postgres)
                starting.enter_context(self.valkey)
                self.url = self.postgres.create("chaos")
                self.variables |= {"DATABASE_URL": self.url, "REDIS_URL": self.valkey.url}
            else:
                self.url = f"sqlite:///{self.folder}/data/obrolan.sqlite3"
            if self.pgbouncer:
                starting.enter_context(self.pgbouncer)
                self.variables["DATABASE_URL"] = self.pgbouncer.url("chaos")
            self.database = Database(self.url)
            self.webs = [
                ChaosWebProcess(self.folder, number, dict(self.variables)) for number in range(self.processes)
            ]
            self._cleanup = starting.pop_all()
        return self

    def __exit__(self, *_) -> None:
        self._cleanup.close()

    def create_fixtures(self, clients: int, rooms: int) -> dict:
        """Migrate and fill the database. Call it before `start_web`."""
        command = [
            sys.executable, "-m", "tests.chaos.fixtures", f"--clients={clients}", f"--rooms={rooms}",
        ]  # fmt: skip
        done = subprocess.run(
            command, cwd=ROOT, env=self.variables, capture_output=True, text=True, timeout=120
        )
        if done.returncode:
            raise RuntimeError(done.stderr)
        return json.loads(done.stdout)

    @contextmanager
    def moderator(self, clients: list[dict], seed: int) -> Iterator[None]:
        """A moderator who sanctions these clients meanwhile."""
        plan = json.dumps({"clients": clients, "seed": seed})
        command = [sys.executable, "-m", "tests.chaos.moderator", plan]
        process = subprocess.Popen(
            command, cwd=ROOT, env=self.variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        try:
            assert process.stdout and process.stdout.readline(), "the moderator did not start"
            yield
            process.communicate(timeout=30)  # closes its standard input
            if process.returncode:
                raise RuntimeError("the moderator's process failed; see its error above")
        finally:
            process.kill()

    def start_web(self) -> list[int]:
        """Start the web processes; returns their ports."""
        if self.valkey and not self.redis_alive:
            self.valkey.kill()
        for web in self.webs:
            self._cleanup.callback(web.kill)
            web.start()
        return [web.port for web in self.webs]

    def complaints(self) -> list[str]:
        return [line for web in self.webs for line in web.complaints()]
