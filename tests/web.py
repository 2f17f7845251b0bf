"""Real web processes for the tests: `manage.py serve`, and a new database for each site.

stack = Stack("full")                 # "embedded": SQLite and the in-memory layer
with stack, stack.site() as site:
    first = site.start()
    second = site.start()             # the same database and layer, another port
    first.kill(); first.start()
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from tests import services
from tests.forks import ROOT, ForkServer

INHERITED = ("PATH", "HOME", "LANG", "TMPDIR", "SSL_CERT_FILE", "COVERAGE_PROCESS_START")
DEFAULTS = {"OBROLAN_PLAIN_HTTP": "on", "OBROLAN_GUESTS": "on", "PYTHONUNBUFFERED": "1"}
SERVE = [sys.executable, "manage.py", "serve", "--host", "127.0.0.1", "--port", "{port}"]
COMPLAINTS = re.compile(r"Traceback \(most recent call last\)|(?<![\d:.,])1011(?!\d)|was never awaited")


class WebProcess(services.Service):
    """One `manage.py serve` process. `restart()` keeps its port.

    `forks` starts it faster. A process with a command of its own is a new Python.
    """

    name = "web"

    def __init__(
        self,
        folder: Path,
        env: dict[str, str],
        command: list[str] | None = None,
        forks: ForkServer | None = None,
    ) -> None:
        super().__init__(folder)
        self.port = services.free_port()
        self.log = folder / f"web-{self.port}.log"
        self.env = env
        self.command = command or SERVE
        self.forks = None if command else forks

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def launch(self) -> None:
        command = [part.format(port=self.port) for part in self.command]
        if self.forks:
            self.process = self.forks.start(command[1:], self.env, self.log)
            return
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=self.env, stdout=log, stderr=log, start_new_session=True
            )

    def answers(self) -> bool:
        try:
            urllib.request.urlopen(self.url + "/healthz", timeout=5).close()
        except urllib.error.HTTPError as reply:
            reply.close()
            return reply.code < 500
        except OSError:
            return False
        return True

    def terminate(self) -> int | None:
        """Send SIGTERM, as a deployment does, and wait for the drain. Returns the exit status."""
        return self.stop()

    def complaints(self) -> list[str]:
        """Errors in the log: tracebacks, sockets closed with 1011, coroutines that were never awaited."""
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return [text[match.start() :][:2_000] for match in COMPLAINTS.finditer(text)]


class Site:
    """One database, one channel layer, and any number of web processes that share them."""

    def __init__(self, stack: Stack, name: str, **settings: str) -> None:
        self.stack = stack
        self.name = name
        self.folder = stack.folder / name
        self.folder.mkdir()
        self.processes: list[WebProcess] = []
        self.env = {**stack.env, "OBROLAN_DATA": str(self.folder), **settings}
        self.database = stack.copy_template(self)

    def __enter__(self) -> Site:
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def start(self, command: list[str] | None = None, **settings: str) -> WebProcess:
        """Start a web process. `command`, such as SERVE, runs in a new Python. It may contain {port}."""
        env = {**self.env, **settings}
        process = WebProcess(self.folder, env, command, self.stack.fork_server(env))
        self.processes.append(process)
        process.start()
        return process

    def manage(self, *arguments: str, **settings: str) -> str:
        """Run a management command against this site; returns its output."""
        return self.stack.manage(*arguments, env={**self.env, **settings})

    def complaints(self) -> list[str]:
        return [complaint for process in self.processes for complaint in process.complaints()]

    def close(self) -> None:
        for process in self.processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.stop()
        self.stack.drop(self)


class Stack:
    """The services that web processes need: none ("embedded"), or PostgreSQL and Valkey ("full")."""

    def __init__(self, kind: str = "embedded", *, durable: bool = False) -> None:
        assert kind in ("embedded", "full"), f"OBROLAN_TEST_STACK must be embedded or full, not {kind}"
        self.full = kind == "full"
        self.folder = services.workplace()
        self.postgres = services.postgres(self.folder, durable=durable) if self.full else None
        self.valkey = services.valkey(self.folder) if self.full else None
        self.forks: list[ForkServer] = []  # the first that suits is used
        self.sites = 0
        self.template = ""  # the name of a database, or the path of a file

    def __enter__(self) -> Stack:
        self.start()
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def start(self) -> None:
        self.env = {
            **{name: os.environ[name] for name in INHERITED if name in os.environ},
            **DEFAULTS,
            "SECRET_KEY": secrets.token_urlsafe(50),
            "OBROLAN_DATA": str(self.folder),
        }
        if self.postgres and self.valkey:
            self.postgres.start()
            self.valkey.start()
            self.env |= {"DATABASE_URL": self.postgres.url("obrolan"), "REDIS_URL": self.valkey.url}
        if "COVERAGE_PROCESS_START" not in os.environ:
            self.forks = [ForkServer(self.env), ForkServer()]

    def fork_server(self, env: dict[str, str]) -> ForkServer | None:
        return next((forks for forks in self.forks if forks.suits(env)), None)

    def close(self) -> None:
        for forks in self.forks:
            forks.close()
        for service in (self.valkey, self.postgres):
            if service:
                service.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    @contextlib.contextmanager
    def collected_files(self) -> Iterator[None]:
        """New sites serve collected static files, as in production."""
        before = self.env
        self.env = {**before, "STATIC_ROOT": str(self.folder / "collected")}
        self.manage("collectstatic", "--noinput", "-v0", env=self.env)
        forks = [ForkServer(self.env)] if self.forks else []
        self.forks[:0] = forks
        try:
            yield
        finally:
            self.env = before
            for server in forks:
                self.forks.remove(server)
                server.close()

    def site(self, **settings: str) -> Site:
        """A site with a new, migrated database."""
        self.template = self.template or self.make_template()
        self.sites += 1
        return Site(self, f"site{self.sites}-{os.getpid()}", **settings)

    def make_template(self) -> str:
        """Create and migrate the database that every site copies."""
        if self.postgres:
            name = f"template-{os.getpid()}"
            self.manage("migrate", "-v0", env=self.env | {"DATABASE_URL": self.postgres.create(name)})
            return name
        self.manage("migrate", "-v0", env=self.env)
        return str(self.folder / "obrolan.sqlite3")

    def copy_template(self, site: Site) -> str:
        if self.postgres:
            site.env["DATABASE_URL"] = self.postgres.create(site.name, self.template)
            return site.name
        return str(shutil.copy(self.template, site.folder / "obrolan.sqlite3"))

    def drop(self, site: Site) -> None:
        if self.postgres:
            self.postgres.drop(site.name)

    def manage(self, *arguments: str, env: dict[str, str]) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments], cwd=ROOT, env=env, capture_output=True, text=True
        )
        assert done.returncode == 0, f"manage.py {' '.join(arguments)}:\n{done.stdout}{done.stderr}"
        return done.stdout
