"""The arithmetic of bench.capacity: what so many people need."""

from dataclasses import replace

import pytest

from bench.capacity import work
from bench.capacity.demand import Demand, Habits, demand
from bench.capacity.limits import used
from bench.capacity.measure import fit, solve
from bench.capacity.measured import COSTS
from bench.capacity.needs import BUSY, SOCKETS, enough, needs
from bench.capacity.printing import first_limit, table
from bench.capacity.runs import Run
from bench.capacity.work import presence_read, web_work
from chat.live import process
from chat.live.feeds import people, presence_sync

pytestmark = pytest.mark.once
IDLE = Demand(sockets=1_000, rooms=10)
HABITS = Habits(online=0.5, tabs=2, watching=0.5, pages_an_hour=36, listed=10)


def test_people_rooms_and_messages_become_rates():
    wanted = demand(people=100, rooms=10, messages_an_hour=3_600, habits=HABITS)
    assert (wanted.sockets, wanted.posts, wanted.readers, wanted.deliveries) == (100, 1, 10, 10)
    assert wanted.pages == 0.5
    assert wanted.reads == 5  # half of ten readers for each message


def test_a_tab_is_told_of_each_listed_room_at_most_once_a_second():
    quiet = demand(100, 10, 3_600, HABITS)
    busy = demand(100, 10, 360_000, HABITS)
    assert quiet.list_events == pytest.approx(100)  # each of ten rooms has news every ten seconds
    assert busy.list_events == 10 * busy.sockets


def test_read_marks_are_written_at_most_once_a_second_for_each_reader():
    wanted = demand(100, 10, 360_000, HABITS)  # ten messages a second in each room
    assert wanted.reads == 500
    assert wanted.read_rows == 50


def test_a_message_reaches_each_process_with_a_reader_once():
    room, pair = Demand(sockets=50, rooms=1), Demand(sockets=2, rooms=1)
    assert room.reached(1) == 1
    assert room.reached(2) == pytest.approx(2)
    assert room.reached(1_000) == pytest.approx(48.8, abs=0.1)
    assert pair.reached(2) == 1.5  # both may be at the same process
    assert replace(pair, in_turn=True).reached(2) == 2


def test_idle_sockets_cost_memory_and_rows_but_no_hints():
    idle = needs(IDLE, 2, COSTS)
    assert idle.memory == 2 * COSTS.memory.process + 1_000 * COSTS.memory.socket
    assert idle.rows_written == 50
    assert (idle.hints, idle.redis_bytes, idle.published) == (0, 0, 0)


def test_each_process_reads_the_people_of_a_room_again_after_a_change():
    assert presence_read(IDLE, 1) == 0
    assert presence_read(replace(IDLE, pages=2.5), 1) == pytest.approx(500)  # every other second
    assert presence_read(replace(IDLE, pages=5_000), 1) == pytest.approx(1_000)  # once a second
    assert presence_read(replace(IDLE, pages=5_000), 2) == pytest.approx(2_000)


def test_of_a_crowded_room_only_the_listed_people_are_read():
    crowded = Demand(sockets=50_000, rooms=10, pages=5_000)
    assert presence_read(crowded, 1) == pytest.approx(10 * work.LISTED)


def test_what_is_told_to_all_processes_grows_with_the_square_of_them():
    talk = replace(IDLE, posts=1_000)
    assert needs(talk, 1, COSTS).told_all == pytest.approx(10)
    assert needs(talk, 3, COSTS).told_all == pytest.approx(10 * 3 * 3)


def test_the_fewest_processes_are_chosen_of_which_none_is_too_busy():
    wanted = replace(IDLE, rooms=20, posts=1_000)
    found = enough(wanted, COSTS)
    assert found.process_cpu <= BUSY < needs(wanted, found.processes - 1, COSTS).process_cpu


def test_a_process_has_no_more_sockets_than_it_may_have():
    assert enough(replace(IDLE, sockets=2 * SOCKETS + 1), COSTS).processes >= 3


def test_one_room_that_is_too_busy_for_any_process_is_said_to_be():
    wanted = Demand(sockets=10**7, rooms=1, posts=10**6)
    assert enough(wanted, COSTS) is None
    assert "no number of web processes is enough" in table([1], [(wanted, None)])


def test_the_limit_that_is_reached_first_is_named():
    found = enough(IDLE, COSTS)
    worst = replace(found, redis_cpu=3 * BUSY)
    assert used(worst)[0] == (pytest.approx(3), "the core of Redis")
    assert first_limit(worst) == "**the core of Redis, 3.0 × too much**"


def test_the_costs_of_the_work_are_found_from_as_many_runs():
    demands = [Demand(10, 5), Demand(900, 90), Demand(100, 50, posts=50), Demand(900, 9, posts=60)]
    found = fit([run(demand) for demand in demands], few_kinds, lambda run: run.result["cores"])
    assert found == pytest.approx(
        {"post": 3e-3, "delivery": 2e-5, "process": 0.01, "idle_socket": 1e-5, "page": 0}
    )


def few_kinds(wanted, processes):
    work = web_work(wanted, processes)
    return {name: work[name] for name in ("post", "delivery", "process", "idle_socket", "page")}


def run(wanted):
    cores = 3e-3 * wanted.posts + 2e-5 * wanted.deliveries + 0.01 + 1e-5 * wanted.sockets
    return Run(wanted, 1, {"cores": cores})


def test_equations_are_solved_in_any_order():
    assert solve([[0, 2], [1, 1]], [4, 5]) == [3, 2]


def test_the_periods_and_limits_are_those_of_the_application(settings):
    assert work.LIMITS_SHARED_EVERY == process.SHARE_LIMITS_EVERY
    assert work.PRESENCE_TOLD_EVERY == presence_sync.SYNC_EVERY
    assert work.LISTED == people.LISTED
    assert work.PRESENCE_READ_AFTER == presence_sync.ANNOUNCE_EVERY
    assert work.PRESENCE_WRITTEN_EVERY == presence_sync.REFRESH_EVERY
    assert settings.OBROLAN_SOCKETS >= SOCKETS
