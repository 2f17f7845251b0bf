"""A chat server that takes part in the benchmark, and the services that all of them use."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.services import Postgres, Valkey


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
