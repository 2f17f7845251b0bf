"""What is done to a running stage.

Each yields once: when the fault is over for the people, and their screens have to become whole. A web process
that others stand in for is started again after that.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from tests.services import wait_until

from .stage import EXIT_WITHIN, Stage, Web

if TYPE_CHECKING:
    from .run import Gathering

FROZEN = 4.0  # seconds for which Redis stands still
AWAY = 12.0  # seconds without a database: longer than anybody waits for an answer
DOWN = 0.2, 1.5  # seconds for which a killed part stays dead, at least and at most
SKEW = 120, 600  # seconds by which a clock is wrong, either way
STRIKE_WITHIN = 10  # seconds in which an armed process commits something


class Missed(Exception):
    """A fault that did not strike: the run proves nothing about it."""


def web_killed(stage: Stage, crowd: Gathering, dice: random.Random) -> Iterator[None]:
    dice.choice(stage.webs).kill()
    yield from start_again(stage, dice.uniform(*DOWN))


def web_terminated(stage: Stage, crowd: Gathering, dice: random.Random) -> Iterator[None]:
    drain(dice.choice(stage.webs))
    yield from start_again(stage)


def web_killed_after_commit(stage: Stage, crowd: Gathering, dice: random.Random) -> Iterator[None]:
    """Between COMMIT and the acknowledgement: whichever process commits first, and only that one."""
    stage.armed.touch()
    try:
        wait_until(lambda: not all(web.running for web in stage.webs), "nobody committed", STRIKE_WITHIN)
    except TimeoutError as reason:
        raise Missed(str(reason)) from reason
    finally:
        stage.armed.unlink(missing_ok=True)
    yield from start_again(stage, dice.uniform(*DOWN))


def all_webs_killed(stage: Stage, crowd: Gathering, dice: random.Random) -> Iterator[None]:
    for web in stage.webs:
        web.kill()
    yield from start_again(stage, dice.uniform(*DOWN))


def clock_skewed(stage: Stage, crowd: Gathering, dice: random.Random) -> None:
    """One process comes back with a clock that is minutes away from the others', and keeps it."""
    web = dice.choice(stage.webs)
    drain(web)
    web.skew = dice.choice([-1, 1]) * dice.randint(*SKEW)
    yield from start_again(stage)


def redis_killed(stage: Stage, crowd: Gathering, dice: random.Random) -> Iterator[None]:
    assert stage.valkey
    stage.valkey.kill()
    time.sleep(dice.uniform(*DOWN))
    stage.valkey.start()
    yield


def redis_frozen(stage: Stage, crowd: Gathering, dice: random.Random) -> Iterator[None]:
    assert stage.valkey
    stage.valkey.pause()
    time.sleep(FROZEN)
    stage.valkey.resume()
    yield


def redis_flushed(stage: Stage, crowd: Gathering, dice: random.Random) -> Iterator[None]:
    assert stage.valkey
    with stage.valkey.client() as client:
        client.flushall()
    yield


def postgres_crashed(stage: Stage, crowd: Gathering, dice: random.Random) -> Iterator[None]:
    assert stage.postgres
    stage.postgres.crash()
    time.sleep(dice.uniform(*DOWN))
    stage.postgres.start()
    yield


def postgres_away(stage: Stage, crowd: Gathering, dice: random.Random) -> Iterator[None]:
    assert stage.postgres
    stage.postgres.crash()
    time.sleep(AWAY)
    stage.postgres.start()
    yield


def lines_cut(stage: Stage, crowd: Gathering, dice: random.Random) -> Iterator[None]:
    crowd.ask("cut", many=max(1, len(crowd.cards) // 3))
    yield


def start_again(stage: Stage, after: float = 0.0) -> Iterator[None]:
    """What is down; over for the people as soon as one process serves them."""
    down = [web for web in stage.webs if not web.running]
    if len(down) == len(stage.webs):
        time.sleep(after)
        down.pop().start()
    yield
    time.sleep(after)
    for web in down:
        web.start()


def drain(web: Web) -> None:
    begun = time.monotonic()
    status = web.stop()
    took = time.monotonic() - begun
    if took > EXIT_WITHIN or status != 0:
        web.wrong.append(f"{web.name}: SIGTERM took {took:.1f} s and ended with {status}")


class Fault(NamedTuple):
    name: str
    strike: Callable[[Stage, Gathering, random.Random], Iterator[None]]
    needs: str = ""  # redis, postgres or company (another web process)
    short: bool = True  # part of a short run too


FAULTS = {
    fault.name: fault
    for fault in (
        Fault("web-kill", web_killed),
        Fault("web-term", web_terminated),
        Fault("commit-kill", web_killed_after_commit),
        Fault("all-kill", all_webs_killed, "company", short=False),
        Fault("cut", lines_cut),
        Fault("clock", clock_skewed, "company"),
        Fault("redis-kill", redis_killed, "redis"),
        Fault("redis-stop", redis_frozen, "redis"),
        Fault("redis-flush", redis_flushed, "redis"),
        Fault("postgres-crash", postgres_crashed, "postgres"),
        Fault("postgres-away", postgres_away, "postgres", short=False),
    )
}


def possible(stage: Stage) -> list[Fault]:
    has = {
        "redis": stage.valkey is not None and stage.redis_lives,
        "postgres": stage.postgres is not None,
        "company": len(stage.webs) > 1,
    }
    return [fault for fault in FAULTS.values() if has.get(fault.needs, True)]
