"""Short chaos runs. Start longer ones with `make chaos`; docs/reliability.md has their results."""

import random
from dataclasses import replace

import pytest

from tests.pgbouncer import need_pgbouncer

from . import judge
from .run import Options, Report, run

RATE = 120.0  # commands a second of all clients: half of what `make chaos` sends, for half the processor time
MIN_ACKNOWLEDGED = 2_000  # commands in a run with every fault; twice as many on an idle machine
PATIENCE = 3.0  # other tests of the suite use the same processors; `make chaos` has the strict limits


def passes(report: Report) -> bool:
    print("\n".join(report.lines()))
    return report.violations == []


def test_nothing_is_lost_duplicated_or_reordered_while_every_fault_is_injected(full, folder):
    report = run(Options(seed=random.randrange(1_000_000), rate=RATE, patience=PATIENCE), folder)
    assert passes(report)
    assert report.acked >= MIN_ACKNOWLEDGED


def test_nothing_is_lost_behind_a_pgbouncer_in_transaction_mode(full, folder):
    need_pgbouncer()
    faults = "pgbouncer-kill,postgres-crash,commit-kill"
    options = Options(seed=random.randrange(1_000_000), pooler="pgbouncer", faults=faults, duration=12)
    report = run(replace(options, rate=90, patience=PATIENCE), folder)
    assert passes(report)
    assert len(report.faults) == 3
    assert report.acked >= 200


def test_nothing_is_lost_on_sqlite_with_one_process(embedded, folder):
    options = Options(seed=random.randrange(1_000_000), stack="embedded", processes=1)
    report = run(replace(options, rate=RATE, patience=PATIENCE), folder)
    assert passes(report)
    assert report.acked >= MIN_ACKNOWLEDGED


@pytest.mark.waits
def test_messages_arrive_within_seconds_while_redis_is_down_for_the_whole_run(full, folder):
    options = Options(seed=1, redis="dead", faults="none", duration=10, rate=60, patience=PATIENCE)
    report = run(options, folder)
    assert passes(report)
    assert judge.percentile(report.delays, 0.99) < 1.5 * PATIENCE


@pytest.mark.waits
@pytest.mark.parametrize("share", [0.01, 0.2, 0.5, 1.0])
def test_clients_do_not_notice_a_layer_that_drops_repeats_and_reorders_messages(full, folder, share):
    report = run(Options(seed=1, hints=share, faults="none", duration=5, rate=60, patience=PATIENCE), folder)
    assert passes(report)
    assert report.acked > 200


def test_ten_rolling_restarts_under_load_lose_nothing_and_clients_reconnect_within_seconds(full, folder):
    options = Options(seed=1, faults="web-term", every=2.5, duration=25, rate=90, patience=PATIENCE)
    report = run(options, folder)
    assert passes(report)
    assert len(report.faults) == 10
    assert set(report.closes) <= {"4012", "refused", "banned"}  # refused: the process is not listening yet
    assert report.closes["4012"] >= 10
    assert judge.percentile(report.reconnects, 0.95) < 2 * PATIENCE
