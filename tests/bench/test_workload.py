"""The load generator notices every lost, duplicate or reordered message, and makes the run void."""

import msgspec
import pytest

from bench.clients import Json, Obrolan, SocketIO
from bench.ratios import is_void
from bench.workload import DIGITS, Workload

pytestmark = pytest.mark.once


class Room:
    """Three readers of one room without a server: posts are recorded, and the test calls `deliver`."""

    def __init__(self, protocol, in_flight=1):
        self.posted = []
        self.clients = [protocol(index, "kitchen", print, print) for index in range(3)]
        for client in self.clients:
            client.send = self.posted.append
        self.workload = Workload([self.clients], in_flight)
        self.workload.start()

    def deliver(self, *markers, reader=None):
        for client in self.clients if reader is None else [self.clients[reader]]:
            for marker in markers:
                client.receive(msgspec.json.encode({"message": f"{marker:0{DIGITS}d} tea"}))

    def is_void(self):
        self.workload.sending = False
        return is_void({"faults": self.workload.faults, "missing": self.workload.missing()})


def test_the_next_message_is_sent_when_all_readers_have_the_last_one():
    room = Room(Json)
    room.deliver(0, reader=0)
    room.deliver(0, reader=1)
    assert len(room.posted) == 1
    room.deliver(0, reader=2)
    assert len(room.posted) == 2
    assert room.workload.delivered == 3
    assert room.workload.completed == 1


def test_a_run_without_faults_is_not_void():
    room = Room(Json, in_flight=2)
    room.workload.sending = False
    room.deliver(0, 1)
    assert not room.is_void()


def test_a_lost_delivery_makes_a_run_void():
    room = Room(Json)
    room.deliver(0, reader=0)
    assert room.is_void()


@pytest.mark.parametrize(
    "markers", [(0, 0), (2, 0), (1,), (5,)], ids=["duplicate", "reordered", "skipped", "unknown"]
)
def test_a_wrong_delivery_makes_a_run_void(markers):
    room = Room(Json, in_flight=2) if markers[0] == 2 else Room(Json)
    room.workload.sending = False
    room.deliver(*markers, reader=0)
    assert room.workload.faults
    assert room.is_void()


def test_a_gap_in_the_change_numbers_of_obrolan_makes_a_run_void():
    room = Room(Obrolan)
    reader = room.clients[1]
    reader.is_synced, reader.cursor = True, 7
    reader.receive(b'[{"type":"message","seq":9,"rev":9,"text":"0000000000 tea"}]')
    assert room.workload.examples == ["reader 1 received change 9 after 7"]


def test_an_acknowledgement_with_another_number_than_the_message_makes_a_run_void():
    room = Room(Obrolan)
    room.workload.sending = False
    key = msgspec.json.decode(room.posted[0])["id"]
    for client in room.clients:
        client.is_synced, client.cursor = True, 7
        client.receive(b'[{"type":"message","seq":8,"rev":8,"text":"0000000000 tea"}]')
    room.clients[0].receive(msgspec.json.encode([{"type": "ack", "id": key, "seq": 9, "rev": 9}]))
    assert room.workload.examples == ["message 0 was acknowledged as 9 and shown as 8"]


def test_an_error_event_makes_a_run_void():
    room = Room(Obrolan)
    room.clients[0].receive(b'[{"type":"error","code":"too_fast","message":"","retry":true}]')
    assert room.is_void()


def test_two_runs_never_use_the_same_idempotency_key():
    first, second = Room(Obrolan), Room(Obrolan)
    assert msgspec.json.decode(first.posted[0])["id"] != msgspec.json.decode(second.posted[0])["id"]


def test_the_socket_io_client_opens_joins_and_answers_pings():
    room = Room(SocketIO)
    reader = room.clients[0]
    del room.posted[:]
    reader.receive(b'0{"sid":"x"}')
    reader.receive(b'40{"sid":"y"}')
    reader.receive(b"2")
    assert room.posted == [b"40", b'421["join", {"username": "p0", "room": "kitchen"}]', b"3"]
