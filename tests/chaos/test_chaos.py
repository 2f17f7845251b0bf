"""Short chaos runs. Long ones: `make chaos`, and docs/reliability.md for what they found."""

import random

import pytest

from . import judge
from .run import Options, Report, run

LEAST = 6_000  # acknowledgements in a run with every fault
BESIDE = 1.5  # patience: the suite's other lanes run on the same two cores


def fine(report: Report) -> bool:
    print("\n".join(report.lines()))
    return report.violations == []


def test_nothing_is_lost_doubled_or_reordered_while_everything_is_killed(full, folder):
    report = run(Options(seed=random.randrange(1_000_000), patience=BESIDE), folder)
    assert fine(report)
    assert report.acked >= LEAST


def test_nothing_is_lost_on_sqlite_with_one_process(embedded, folder):
    options = Options(seed=random.randrange(1_000_000), stack="embedded", processes=1, patience=BESIDE)
    report = run(options, folder)
    assert fine(report)
    assert report.acked >= LEAST


@pytest.mark.waits
def test_with_redis_dead_from_the_first_to_the_last_second_all_is_delivered_soon(full, folder):
    report = run(Options(seed=1, redis="dead", faults="none", duration=10, rate=60, patience=BESIDE), folder)
    assert fine(report)
    assert judge.share(report.waits, 0.99) < 1.5 * BESIDE


@pytest.mark.waits
@pytest.mark.parametrize("share", [0.01, 0.2, 0.5, 1.0])
def test_a_layer_that_drops_repeats_and_reorders_is_not_noticed(full, folder, share):
    report = run(Options(seed=1, hints=share, faults="none", duration=5, rate=60, patience=BESIDE), folder)
    assert fine(report)
    assert report.acked > 200


def test_ten_rolling_restarts_under_load_lose_nothing_and_everybody_is_back_soon(full, folder):
    report = run(Options(seed=1, faults="web-term", every=2.5, duration=25, rate=90, patience=BESIDE), folder)
    assert fine(report)
    assert len(report.struck) == 10
    assert set(report.closes) <= {"4012", "refused"}  # refused: the door that is closed just now
    assert report.closes["4012"] >= 10
    assert judge.share(report.back, 0.95) < 3.0
