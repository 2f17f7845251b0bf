"""The faults that are injected into a running environment.

Each function is a generator that yields once, when the fault is over for the clients and their recovery time
starts. After that it starts a killed web process again, unless it had to do so before: as long as another
process is up, the clients recover without it.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from tests.services import wait_until

from .environment import EXIT_TIMEOUT, ChaosWebProcess, Environment

if TYPE_CHECKING:
    from .run import ClientProcess

REDIS_FREEZE = 4.0  # seconds
DATABASE_OUTAGE = 12.0  # seconds: longer than any client waits for a reply
DOWNTIME = 0.2, 1.5  # seconds, shortest and longest, before a killed service is started again
CLOCK_SKEW = 120, 600  # seconds, least and most, in either direction
COMMIT_TIMEOUT = 10  # seconds within which some process commits

Injection = Iterator[None]


class NotInjected(Exception):
    """The fault did not happen, so the run says nothing about it."""


def kill_web(environment: Environment, clients: ClientProcess, generator: random.Random) -> Injection:
    generator.choice(environment.webs).kill()
    yield from start_again(environment, generator.uniform(*DOWNTIME))


def terminate_web(environment: Environment, clients: ClientProcess, generator: random.Random) -> Injection:
    terminate(generator.choice(environment.webs))
    yield from start_again(environment)


def kill_web_after_commit(
    environment: Environment, clients: ClientProcess, generator: random.Random
) -> Injection:
    """Kill the next process that commits, between COMMIT and the acknowledgement."""
    environment.kill_switch.touch()
    try:
        wait_until(
            lambda: not all(web.running for web in environment.webs), "no process committed", COMMIT_TIMEOUT
        )
    except TimeoutError as reason:
        raise NotInjected(str(reason)) from reason
    finally:
        environment.kill_switch.unlink(missing_ok=True)
    yield from start_again(environment, generator.uniform(*DOWNTIME))


def kill_all_webs(environment: Environment, clients: ClientProcess, generator: random.Random) -> Injection:
    for web in environment.webs:
        web.kill()
    yield from start_again(environment, generator.uniform(*DOWNTIME))


def skew_clock(environment: Environment, clients: ClientProcess, generator: random.Random) -> Injection:
    """Restart a process with a clock that is minutes off. It keeps that clock."""
    web = generator.choice(environment.webs)
    terminate(web)
    web.skew = generator.choice([-1, 1]) * generator.randint(*CLOCK_SKEW)
    yield from start_again(environment)


def kill_redis(environment: Environment, clients: ClientProcess, generator: random.Random) -> Injection:
    assert environment.valkey
    environment.valkey.kill()
    time.sleep(generator.uniform(*DOWNTIME))
    environment.valkey.start()
    yield


def freeze_redis(environment: Environment, clients: ClientProcess, generator: random.Random) -> Injection:
    assert environment.valkey
    environment.valkey.pause()
    time.sleep(REDIS_FREEZE)
    environment.valkey.resume()
    yield


def flush_redis(environment: Environment, clients: ClientProcess, generator: random.Random) -> Injection:
    assert environment.valkey
    with environment.valkey.client() as client:
        client.flushall()
    yield


def crash_postgres(environment: Environment, clients: ClientProcess, generator: random.Random) -> Injection:
    assert environment.postgres
    environment.postgres.crash()
    time.sleep(generator.uniform(*DOWNTIME))
    environment.postgres.start()
    yield


def database_outage(environment: Environment, clients: ClientProcess, generator: random.Random) -> Injection:
    assert environment.postgres
    environment.postgres.crash()
    time.sleep(DATABASE_OUTAGE)
    environment.postgres.start()
    yield


def kill_pgbouncer(environment: Environment, clients: ClientProcess, generator: random.Random) -> Injection:
    assert environment.pgbouncer
    environment.pgbouncer.kill()
    time.sleep(generator.uniform(*DOWNTIME))
    environment.pgbouncer.start()
    yield


def disconnect_clients(
    environment: Environment, clients: ClientProcess, generator: random.Random
) -> Injection:
    clients.call("disconnect", count=max(1, len(clients.profiles) // 3))
    yield


def start_again(environment: Environment, downtime: float = 0.0) -> Injection:
    """Start the processes that are down. The fault is over for the clients when one process serves."""
    down = [web for web in environment.webs if not web.running]
    if len(down) == len(environment.webs):
        time.sleep(downtime)
        down.pop().start()
    yield
    time.sleep(downtime)
    for web in down:
        web.start()


def terminate(web: ChaosWebProcess) -> None:
    """Send SIGTERM, and log an error if the process does not drain and exit with status 0 in time."""
    started = time.monotonic()
    status = web.stop()
    seconds = time.monotonic() - started
    if seconds > EXIT_TIMEOUT or status != 0:
        web.errors.append(f"{web.name}: after SIGTERM it exited after {seconds:.1f} s with status {status}")


class Fault(NamedTuple):
    name: str
    inject: Callable[[Environment, ClientProcess, random.Random], Injection]
    requires: str = ""  # redis, postgres, pgbouncer or processes (more than one web process)
    in_short_runs: bool = True


FAULTS = {
    fault.name: fault
    for fault in (
        Fault("web-kill", kill_web),
        Fault("web-term", terminate_web),
        Fault("commit-kill", kill_web_after_commit),
        Fault("all-kill", kill_all_webs, "processes", in_short_runs=False),
        Fault("cut", disconnect_clients),
        Fault("clock", skew_clock, "processes"),
        Fault("redis-kill", kill_redis, "redis"),
        Fault("redis-stop", freeze_redis, "redis"),
        Fault("redis-flush", flush_redis, "redis"),
        Fault("postgres-crash", crash_postgres, "postgres"),
        Fault("pgbouncer-kill", kill_pgbouncer, "pgbouncer"),
        Fault("postgres-away", database_outage, "postgres", in_short_runs=False),
    )
}


def possible_faults(environment: Environment) -> list[Fault]:
    available = {
        "redis": environment.valkey is not None and environment.redis_alive,
        "postgres": environment.postgres is not None,
        "pgbouncer": environment.pgbouncer is not None,
        "processes": len(environment.webs) > 1,
    }
    return [fault for fault in FAULTS.values() if available.get(fault.requires, True)]
