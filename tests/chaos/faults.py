"""What is done to a running stage. Each returns when the part that was broken is back."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Callable
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


def web_killed(stage: Stage, crowd: Gathering, dice: random.Random) -> None:
    web = dice.choice(stage.webs)
    web.kill()
    come_back(web, dice)


def web_terminated(stage: Stage, crowd: Gathering, dice: random.Random) -> None:
    web = dice.choice(stage.webs)
    drain(web)
    web.start()


def web_killed_after_commit(stage: Stage, crowd: Gathering, dice: random.Random) -> None:
    """Between COMMIT and the acknowledgement."""
    for web in stage.webs:  # whichever commits first: the people may all be at one of them
        web.armed.touch()
    try:
        wait_until(lambda: not all(web.running for web in stage.webs), "nobody committed", STRIKE_WITHIN)
    except TimeoutError as reason:
        raise Missed(str(reason)) from reason
    for web in stage.webs:
        web.armed.unlink(missing_ok=True)
    for web in stage.webs:
        if not web.running:
            come_back(web, dice)


def clock_skewed(stage: Stage, crowd: Gathering, dice: random.Random) -> None:
    """One process comes back with a clock that is minutes away from the others', and keeps it."""
    web = dice.choice(stage.webs)
    drain(web)
    web.skew = dice.choice([-1, 1]) * dice.randint(*SKEW)
    web.start()


def redis_killed(stage: Stage, crowd: Gathering, dice: random.Random) -> None:
    assert stage.valkey
    stage.valkey.kill()
    come_back(stage.valkey, dice)


def redis_frozen(stage: Stage, crowd: Gathering, dice: random.Random) -> None:
    assert stage.valkey
    stage.valkey.pause()
    time.sleep(FROZEN)
    stage.valkey.resume()


def redis_flushed(stage: Stage, crowd: Gathering, dice: random.Random) -> None:
    assert stage.valkey
    with stage.valkey.client() as client:
        client.flushall()


def postgres_crashed(stage: Stage, crowd: Gathering, dice: random.Random) -> None:
    assert stage.postgres
    stage.postgres.crash()
    come_back(stage.postgres, dice)


def postgres_away(stage: Stage, crowd: Gathering, dice: random.Random) -> None:
    assert stage.postgres
    stage.postgres.crash()
    time.sleep(AWAY)
    stage.postgres.start()


def lines_cut(stage: Stage, crowd: Gathering, dice: random.Random) -> None:
    crowd.ask("cut", many=max(1, len(crowd.cards) // 3))


def come_back(service, dice: random.Random) -> None:
    time.sleep(dice.uniform(*DOWN))
    service.start()


def drain(web: Web) -> None:
    ends_with = {0, -signal.SIGTERM} if web.server == "uvicorn" else {0}  # uvicorn raises it again
    begun = time.monotonic()
    status = web.stop()
    took = time.monotonic() - begun
    if took > EXIT_WITHIN or status not in ends_with:
        web.wrong.append(f"{web.name}: SIGTERM took {took:.1f} s and ended with {status}")


class Fault(NamedTuple):
    name: str
    strike: Callable[[Stage, Gathering, random.Random], None]
    needs: str = ""  # redis, postgres or company (another web process)
    short: bool = True  # part of a short run too


FAULTS = {
    fault.name: fault
    for fault in (
        Fault("web-kill", web_killed),
        Fault("web-term", web_terminated),
        Fault("commit-kill", web_killed_after_commit),
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
