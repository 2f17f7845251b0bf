"""Starts the services and the contestants, each on its own cores where there are enough.

On four or more cores the servers, the load generator and the services have separate cores. On fewer, the
servers have one core, the load generator another, and the services use both.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.ports import free_port
from tests.services import Postgres, Valkey, wait_until, workplace

from .contestants import Contestant, Environment

READY_TIMEOUT = 30  # seconds
STOP_TIMEOUT = 12  # seconds


class Cores:
    """The cores that servers, load generator and services may use."""

    def __init__(self) -> None:
        self.all = sorted(os.sched_getaffinity(0))

    def servers(self, processes: int) -> list[int]:
        spare = self.all[:-1] or self.all
        return spare[:processes]

    @property
    def load(self) -> list[int]:
        return self.all[-1:]

    def services(self, processes: int) -> list[int]:
        return self.all[processes:-1] or self.all


@contextmanager
def services() -> Iterator[Environment]:
    """Run PostgreSQL and Valkey in a temporary directory."""
    folder = workplace("obrolan-bench-")
    try:
        with ExitStack() as stack:
            yield Environment(
                stack.enter_context(Postgres(folder, durable=True)),
                stack.enter_context(Valkey(folder)),
                folder,
                folder / "build.log",
            )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def serving(
    contestant: Contestant, environment: Environment, processes: int = 1
) -> Iterator[tuple[list[int], list[int]]]:
    """Run a contestant. Yields its ports and its process ids."""
    variables = contestant.prepare(environment)
    variables["OBROLAN_PROCESSES"] = str(processes)
    cores = Cores()
    for service in (environment.postgres, environment.valkey):
        os.sched_setaffinity(service.pid, cores.services(processes))
    ports = [free_port() for _ in range(processes)]
    log = log_of(contestant, environment)
    running: list[subprocess.Popen[bytes]] = []
    try:
        for index, port in enumerate(ports):
            own = cores.servers(processes)
            with log.open("wb") as output:
                process = subprocess.Popen(
                    contestant.command(port),
                    cwd=contestant.folder,
                    env=variables,
                    stdout=output,
                    stderr=output,
                )
            os.sched_setaffinity(process.pid, [own[index % len(own)]])
            running.append(process)
        for port in ports:
            wait_until(
                lambda port=port: is_ready(port, contestant.ready),
                f"{contestant.name} is not ready",
                READY_TIMEOUT,
            )
        yield ports, [process.pid for process in running]
    except Exception:
        print_tail(log)
        raise
    finally:
        for process in running:
            process.terminate()
        for process in running:
            try:
                process.wait(STOP_TIMEOUT)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def log_of(contestant: Contestant, environment: Environment) -> Path:
    return environment.folder / f"{contestant.name}.log"


def print_tail(log: Path) -> None:
    sys.stderr.write(log.read_text(errors="replace")[-2_000:])


def is_ready(port: int, path: str) -> bool:
    """Whether the server responds. A 4xx counts too: a bare WebSocket server may have no such path."""
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=2).close()
    except urllib.error.HTTPError as error:
        return error.code < 500
    except OSError:
        return False
    return True
