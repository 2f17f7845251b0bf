"""The other chat servers: how each is started, and with which variables."""

from __future__ import annotations

import os
from collections.abc import Callable

from .builds import PEERS, VENVS, node, packages, python, run, venv
from .contestant import Contestant, Environment


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


PICOWS_BARE = Contestant(
    name="picows_bare",
    title="bare picows in Python",
    protocol="json",
    command=lambda port: [python("picows_bare"), "server.py", str(port)],
    folder=PEERS / "picows_bare",
    build=venv("picows_bare"),
)
