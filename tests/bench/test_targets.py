"""Targets are compared with results of the same round, and name cases that exist."""

from dataclasses import replace

import pytest

from bench.cases import BY_KEY
from bench.contestants import CONTESTANTS
from bench.ratios import ratios, target_table
from bench.run import cpu_figures
from bench.tables import table
from bench.targets import TARGETS, Target

pytestmark = pytest.mark.once
RATIO = Target("Deliveries/s", "b", "deliveries", "ws_node", 2)
OWN = Target("Slowest heartbeat", "e2", "heartbeat_ms", "", 100, at_least=False, unit="ms")


def result(contestant, number=0, case="b", **figures):
    return {"case": case, "contestant": contestant, "round": number, "faults": 0, "missing": 0, **figures}


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: f"{target.case} {target.metric}")
def test_a_target_names_a_case_in_which_both_contestants_are_measured(target):
    theirs, ours = BY_KEY[target.case], BY_KEY[target.our_case or target.case]
    assert "obrolan" in ours.contestants
    assert not target.against or target.against in theirs.contestants
    for case in (theirs, ours):
        assert target.in_flight in case.in_flight


def test_every_contestant_of_a_case_exists():
    assert {name for case in BY_KEY.values() for name in case.contestants} <= set(CONTESTANTS)


def test_a_ratio_is_of_two_results_of_one_round():
    results = [result("obrolan", deliveries=30), result("obrolan", 1, deliveries=90)]
    results += [result("ws_node", deliveries=10), result("ws_node", 2, deliveries=1)]
    assert ratios(results, RATIO) == [3]


def test_a_void_result_has_no_ratio():
    results = [result("obrolan", deliveries=30), result("ws_node", deliveries=10) | {"missing": 1}]
    assert ratios(results, RATIO) == []


def test_a_target_without_another_server_is_a_bound_on_the_own_figure(monkeypatch):
    monkeypatch.setattr("bench.ratios.TARGETS", [OWN])
    results = [result("obrolan", number, "e2", heartbeat_ms=ms) for number, ms in enumerate((80, 90, 300))]
    assert ratios(results, OWN) == [80, 90, 300]
    page = target_table(results, [])
    assert "at most 100 ms | 90.00 ms | 80.00–300.00 | reached |" in page


def test_cases_by_the_clock_also_show_the_share_of_the_services():
    case = BY_KEY["b2"]
    measured = {"seconds": 10, "cpu": {"server": 2, "services": 3, "load": 1}, "deliveries": 100}
    shown = table(case, [result("obrolan", case="b2", **measured, **cpu_figures(measured, case))])
    assert "| PostgreSQL and Redis, % of a core |" in shown and "| 30.0 |" in shown


def test_a_server_that_the_load_generator_limited_is_said_to_be_able_to_do_more(monkeypatch):
    monkeypatch.setattr("bench.ratios.TARGETS", [RATIO])
    busy = {"seconds": 1, "cpu": {"server": 0.6, "load": 0.99}}
    free = {"seconds": 1, "cpu": {"server": 0.9, "load": 0.6}}
    ours = result("obrolan", deliveries=30, **free)
    limited = target_table([ours, result("ws_node", deliveries=10, **busy)], [])
    assert "reached; the load generator limited the other server, so it could do more |" in limited
    assert "limited" not in target_table([ours, result("ws_node", deliveries=10, **free)], [])


def test_a_missed_target_is_named():
    assert not replace(RATIO, bound=4).is_reached(3)
    assert not OWN.is_reached(101)
