"""An error on one client's connection never affects the other clients in the room."""

import asyncio

import pytest

from chat import frames
from chat.live.connection import AsgiConnection, Frame
from chat.live.feeds.broadcast import Broadcast
from chat.live.feeds.recent import Change
from chat.live.sockets.room import RoomSocket

EVENT = '{"type":"message"}'


class Reader:
    """A fake socket that records everything. Its connection can be congested or broken."""

    def __init__(self, *, congested=False, broken=False):
        self.congested, self.broken = congested, broken
        self.texts, self.events, self.closes, self.behind = [], [], [], []

    def deliver(self, frame):
        if self.broken:
            raise ValueError("broken")
        self.texts.append(frame.text)
        return not self.congested

    def send_events(self, *events):
        self.events += events

    def fall_behind(self, cursor, people):
        self.behind.append((cursor, people))

    def end(self, code):
        self.closes.append(code)
        if self.broken:
            raise ValueError("broken")


async def test_a_broken_socket_is_closed_and_the_others_in_the_room_get_every_frame(caplog):
    first, broken, last = Reader(), Reader(broken=True), Reader()
    broadcast = Broadcast(0)
    for reader in (first, broken, last):
        assert broadcast.add(reader, 0, {})
    for number in (1, 2):
        broadcast.put([Change(number, EVENT)], number)
        while broadcast.sent < number:
            await asyncio.sleep(0.01)
    assert first.texts == last.texts == [f"[{EVENT}]"] * 2
    assert broken.closes == [frames.CLOSE_RESTART]
    assert caplog.text.count("A frame was not delivered to a client") == 1


async def test_a_congested_socket_gets_no_frame_after_the_one_that_congested_it(monkeypatch):
    for module in (frames, frames.encoding):
        monkeypatch.setattr(module, "SENT_CHARACTERS", len(EVENT) + 1)
    slow, fast = Reader(congested=True), Reader()
    broadcast = Broadcast(0)
    for reader in (slow, fast):
        broadcast.add(reader, 0, {})
    broadcast.put([Change(number, EVENT) for number in (1, 2, 3)], 3)
    assert slow.behind == [(1, {})]
    assert (len(slow.texts), len(fast.texts)) == (1, 3)
    assert broadcast.add(slow, 1, {})
    assert len(slow.texts) == 3
    assert slow.events[-1] == frames.Synced(head=3)


async def test_a_socket_that_was_skipped_is_sent_the_joins_and_leaves_it_missed():
    ayu, budi, citra = (frames.User(n, name, True) for n, name in enumerate(("Ayu", "Budi", "Citra")))
    reader, broadcast = Reader(), Broadcast(0)
    broadcast.update_people({0: ayu, 1: budi})
    known = broadcast.people
    broadcast.update_people({1: budi, 2: citra})
    assert broadcast.add(reader, 0, known)
    assert reader.events == [frames.Joined(citra), frames.Left(ayu), frames.Synced(head=0)]


@pytest.mark.parametrize("failure", [OSError("gone"), RuntimeError("after websocket.close")])
async def test_under_another_asgi_server_a_send_to_a_lost_client_raises_nothing(failure):
    async def send(message):
        raise failure

    connection = AsgiConnection(send)
    connection.send_frame(Frame("[]"))
    connection.send_frame(Frame("[]"))
    sending = connection._sending
    await asyncio.wait([sending])
    assert sending.exception() is None
    assert connection._queue == []


async def test_under_another_asgi_server_frames_are_sent_in_order():
    sent = []

    async def send(message):
        await asyncio.sleep(0)
        sent.append(message.get("text", message.get("code")))

    connection = AsgiConnection(send)
    for number in range(5):
        connection.send_frame(Frame(str(number)))
    connection.close_with(4012)
    await asyncio.wait([connection._sending])
    assert sent == ["0", "1", "2", "3", "4", 4012]


async def test_a_socket_that_closes_during_its_handshake_logs_no_error():
    errors, socket = [], RoomSocket()
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: errors.append(context["message"]))
    socket._handshake = loop.create_future()
    socket._handshake.add_done_callback(socket._handshake_done)
    hello = asyncio.ensure_future(socket.authorize())
    await asyncio.sleep(0)
    hello.cancel()
    await asyncio.wait([hello])
    await asyncio.sleep(0)
    assert errors == []
