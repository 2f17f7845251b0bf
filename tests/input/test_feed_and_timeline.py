"""Model-based test of the feed, the catch-up and the client's timeline.

Hypothesis drops, repeats, reorders and delays hints, frames and database reads. Feed, catch-up and writer are
those of the product; timelines and checks are those of the chaos run. Small limits make rare paths common.
"""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from chat import frames
from chat.live import database
from chat.live.feeds import broadcast, recent
from chat.live.sockets import catch_up, room

from .feed_machine import FeedAndTimeline

pytestmark = pytest.mark.once

EXAMPLES = 300
STEPS = 25
SMALL = {
    (recent, "REMEMBERED"): 1_500,
    (recent, "READ_AT_ONCE"): 3,
    (broadcast, "LONGEST_PAUSE"): 0.0,
    (frames, "SENT_CHARACTERS"): 1_200,
    (frames.encoding, "SENT_CHARACTERS"): 1_200,
    (catch_up, "PAGE"): 3,
    (catch_up, "FAR_BEHIND"): 6,
    (catch_up, "PIECE"): 1_500,
    (room, "FAR_BEHIND"): 6,
    (room, "CATCH_UP"): 4_000,
}


@pytest.fixture
def machine(monkeypatch):
    """The state machine class, with small limits and with database queries under its control."""
    for (module, name), value in SMALL.items():
        monkeypatch.setattr(module, name, value)

    class Machine(FeedAndTimeline):
        def __init__(self) -> None:
            super().__init__()
            monkeypatch.setattr(database, "run", self.run_in_database)

    return Machine


@pytest.mark.django_db(transaction=True)
def test_a_client_ahead_of_the_feed_misses_nothing_when_the_feed_overtakes_it(machine):
    run = machine()
    run.post(number=1)
    run.drop_a_hint(process=0, which=0)
    run.connect(process=0, index=0)
    run.run_query(which=0)
    run.post(number=3)
    run.deliver_hints(number=1, process=0)
    run.change(kind="edit", which=0)
    run.deliver_a_hint_out_of_order_or_twice(keep=False, process=0, which=0)
    run.teardown()


@pytest.mark.django_db(transaction=True)
def test_a_congested_client_catches_up_from_the_database_and_misses_nothing(machine):
    run = machine()
    run.connect(process=0, index=0)
    run.run_query(0)
    run.deliver_result(0)
    for number in range(4):
        run.post(number=2)
        run.deliver_hints(process=0, number=1)
        run.change(which=number, kind="edit")
        run.deliver_hints(process=0, number=1)
    socket = run.clients[0].socket
    assert socket.cursor is not None and socket.connection.is_congested
    assert len(socket.connection.texts) <= 3
    run.teardown()


@pytest.mark.django_db(transaction=True)
def test_every_client_ends_with_the_state_of_the_database_whatever_faults_occur(stack, machine):
    if stack.full:
        pytest.skip("runs on the embedded stack only")
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
