"""The open loop sends by the clock. A tab in the lobby knows when it is not up to date."""

import msgspec
import pytest

from bench.clients import Json, LobbyTab
from bench.open_loop import TURNS, OpenLoop
from bench.workload import DIGITS

pytestmark = pytest.mark.once


class Rooms:
    """Two rooms of two readers without a server: the test says when a message is due, and delivers it."""

    def __init__(self):
        self.posted = []
        self.clients = [Json(index, f"room{index % 2}", print, print) for index in range(4)]
        for client in self.clients:
            client.send = self.posted.append
        self.workload = OpenLoop([self.clients[::2], self.clients[1::2]], rate=1)
        self.workload.sending = True

    def send(self, count):
        for _ in range(count):
            self.workload.send_due(next(self.workload.turns), due=0.0)

    def deliver(self, *markers):
        for client in self.clients[::2]:
            for marker in markers:
                client.receive(msgspec.json.encode({"message": f"{marker:0{DIGITS}d} tea"}))


def test_messages_are_spread_evenly_over_the_second():
    assert Rooms().workload.pause == 0.5


def test_a_message_is_sent_when_it_is_due_although_the_last_one_is_still_in_flight():
    rooms = Rooms()
    rooms.send(4)
    assert len(rooms.posted) == 4
    assert rooms.workload.missing() == 8


def test_a_delivered_message_is_not_followed_by_one_that_is_not_due():
    rooms = Rooms()
    rooms.send(1)
    rooms.deliver(0)
    assert rooms.workload.completed == 1
    assert len(rooms.posted) == 1


def test_the_latency_counts_from_the_moment_at_which_the_message_was_due():
    rooms = Rooms()
    rooms.workload.measuring = True
    rooms.send(1)
    rooms.deliver(0)
    assert all(seconds > 1 for seconds in rooms.workload.latencies)
    assert rooms.workload.latencies


def test_a_server_that_is_too_far_behind_makes_the_run_void():
    rooms = Rooms()
    rooms.send(2 * TURNS)
    assert not rooms.workload.faults
    rooms.send(1)
    assert rooms.workload.faults == 1


def test_a_tab_lists_its_rooms_after_the_welcome_and_knows_how_many_heads_it_lacks():
    posted, ready = [], []
    tab = LobbyTab(7, "kitchen", ready.append, print, ["garden", "cellar"])
    tab.send = posted.append
    tab.receive(b'[{"type":"welcome","epoch":null}]')
    assert ready == [tab]
    assert msgspec.json.decode(posted[0])["rooms"] == ["kitchen", "garden", "cellar"]
    tab.receive(b'[{"type":"room","slug":"garden","head":3},{"type":"room","slug":"cellar","head":4}]')
    assert (tab.frames, tab.events) == (1, 2)
    assert tab.behind({"garden": 3, "cellar": 5, "attic": 9}) == 1
