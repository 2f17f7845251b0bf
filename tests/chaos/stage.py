"""Everything that a run needs, started for it alone and killed by it: database, Redis, web processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

from tests.services import Postgres, Valkey
from tests.web import ROOT, WebProcess

from .ledger import Ledger

EXIT_WITHIN = 10  # seconds from SIGTERM: a drained process is gone by then
NEVER_LIMITED = {
    "OBROLAN_POST_RATE": "10000",
    "OBROLAN_POST_BURST": "10000",
    "OBROLAN_SOCKETS_PER_PERSON": "1000",
    "OBROLAN_SOCKETS_PER_ADDRESS": "100000",
}


class Web(WebProcess):
    """A web process whose clock can be wrong."""

    def __init__(self, folder: Path, number: int, environment: dict[str, str]) -> None:
        command = [sys.executable, "-m", "tests.chaos.web", "--port", "{port}"]
        super().__init__(folder, environment, command)
        self.name = f"web-{number}"
        self.log = folder / f"{self.name}.log"
        self.skew = 0  # seconds
        self.wrong: list[str] = []  # besides what its log holds

    def launch(self) -> None:
        self.env |= {"CHAOS_SKEW": str(self.skew)}
        super().launch()

    def complaints(self) -> list[str]:
        return [*self.wrong, *(f"{self.name}: {text}" for text in super().complaints())]


class Stage:
    def __init__(
        self,
        folder: Path,
        *,
        stack: str = "full",
        processes: int = 2,
        redis: bool = True,
        environment: dict[str, str] | None = None,
    ) -> None:
        self.folder, self.stack = folder, stack
        self.armed = folder / "armed"
        self.postgres = Postgres(folder, durable=True) if stack == "full" else None
        self.valkey = Valkey(folder) if stack == "full" else None
        self.redis_lives = redis
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "DEBUG": "off",
            "SECRET_KEY": "the chaos run's own key, which signs nothing that outlives it 0123456789",
            "ALLOWED_HOSTS": "127.0.0.1",
            "OBROLAN_PLAIN_HTTP": "on",
            "OBROLAN_DATA": str(folder / "data"),
            "OBROLAN_PROCESSES": str(processes),
            "CHAOS_ARM": str(self.armed),
            **NEVER_LIMITED,
            **(environment or {}),
        }
        self.processes = processes
        self.webs: list[Web] = []
        self._open = ExitStack()

    def __enter__(self) -> Stage:
        with ExitStack() as opening:
            (self.folder / "data").mkdir(exist_ok=True)
            if self.postgres and self.valkey:
                opening.enter_context(self.postgres)
                opening.enter_context(self.valkey)
                self.url = self.postgres.create("chaos")
                self.environment |= {"DATABASE_URL": self.url, "REDIS_URL": self.valkey.url}
            else:
                self.url = f"sqlite:///{self.folder}/data/obrolan.sqlite3"
            self.ledger = Ledger(self.url)
            self.webs = [Web(self.folder, number, dict(self.environment)) for number in range(self.processes)]
            self._open = opening.pop_all()
        return self

    def __exit__(self, *_) -> None:
        self._open.close()

    def cast(self, people: int, rooms: int) -> dict:
        """Migrates, and fills the database. Before `open_doors`."""
        command = [sys.executable, "-m", "tests.chaos.cast", f"--people={people}", f"--rooms={rooms}"]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=120
        )
        if done.returncode:
            raise RuntimeError(done.stderr)
        return json.loads(done.stdout)

    def open_doors(self) -> list[int]:
        if self.valkey and not self.redis_lives:
            self.valkey.kill()
        for web in self.webs:
            self._open.callback(web.kill)
            web.start()
        return [web.port for web in self.webs]

    def complaints(self) -> list[str]:
        return [line for web in self.webs for line in web.complaints()]
