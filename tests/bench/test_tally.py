"""The load program's own honesty: what is lost, doubled or out of order makes a run void."""

import msgspec
import pytest

from bench.report import void
from bench.tally import DIGITS, Tally
from bench.wires import Json, Obrolan, SocketIO


class Room:
    """Three readers of one room without a server: what they post is kept, what they hear is said here."""

    def __init__(self, wire, in_flight=1):
        self.posted = []
        self.clients = [wire(index, "kitchen", print, print) for index in range(3)]
        for client in self.clients:
            client.send = self.posted.append
        self.tally = Tally([self.clients], in_flight)
        self.tally.start()

    def hear(self, *markers, reader=None):
        for client in self.clients if reader is None else [self.clients[reader]]:
            for marker in markers:
                client.receive(msgspec.json.encode({"message": f"{marker:0{DIGITS}d} tea"}))

    def is_void(self):
        self.tally.sending = False
        return void({"faults": self.tally.faults, "missing": self.tally.missing()})


def test_the_next_message_leaves_when_all_have_the_last_one():
    room = Room(Json)
    room.hear(0, reader=0)
    room.hear(0, reader=1)
    assert len(room.posted) == 1
    room.hear(0, reader=2)
    assert len(room.posted) == 2
    assert room.tally.delivered == 3
    assert room.tally.completed == 1


def test_a_run_in_which_all_is_well_is_not_void():
    room = Room(Json, in_flight=2)
    room.tally.sending = False
    room.hear(0, 1)
    assert not room.is_void()


def test_a_lost_delivery_makes_a_run_void():
    room = Room(Json)
    room.hear(0, reader=0)
    assert room.is_void()


@pytest.mark.parametrize(
    "heard", [(0, 0), (2, 0), (1,), (5,)], ids=["doubled", "reversed", "skipped", "unknown"]
)
def test_a_wrong_delivery_makes_a_run_void(heard):
    room = Room(Json, in_flight=2) if heard[0] == 2 else Room(Json)
    room.tally.sending = False
    room.hear(*heard, reader=0)
    assert room.tally.faults
    assert room.is_void()


def test_a_hole_in_obrolans_numbers_makes_a_run_void():
    room = Room(Obrolan)
    reader = room.clients[1]
    reader.entered, reader.cursor = True, 7
    reader.receive(b'[{"type":"message","seq":9,"rev":9,"text":"0000000000 tea"}]')
    assert room.tally.examples == ["reader 1 got change 9 after 7"]


def test_a_number_that_was_not_the_acknowledged_one_makes_a_run_void():
    room = Room(Obrolan)
    room.tally.sending = False
    key = msgspec.json.decode(room.posted[0])["id"]
    for client in room.clients:
        client.entered, client.cursor = True, 7
        client.receive(b'[{"type":"message","seq":8,"rev":8,"text":"0000000000 tea"}]')
    room.clients[0].receive(msgspec.json.encode([{"type": "ack", "id": key, "seq": 9, "rev": 9}]))
    assert room.tally.examples == ["message 0 was acknowledged as 9 and shown as 8"]


def test_an_error_event_makes_a_run_void():
    room = Room(Obrolan)
    room.clients[0].receive(b'[{"type":"error","code":"too_fast","message":"","retry":true}]')
    assert room.is_void()


def test_nothing_is_posted_twice_under_one_client_id():
    first, second = Room(Obrolan), Room(Obrolan)
    assert msgspec.json.decode(first.posted[0])["id"] != msgspec.json.decode(second.posted[0])["id"]


def test_socket_io_is_spoken_as_its_clients_do():
    room = Room(SocketIO)
    reader = room.clients[0]
    del room.posted[:]
    reader.receive(b'0{"sid":"x"}')
    reader.receive(b'40{"sid":"y"}')
    reader.receive(b"2")
    assert room.posted == [b"40", b'421["join", {"username": "p0", "room": "kitchen"}]', b"3"]
