"""One client's trouble stays its own: an error of its socket never harms the others in a room."""

import asyncio

import pytest

from chat import frames
from chat.live.connection import AsgiConnection, Frame
from chat.live.feeds.broadcast import Broadcast
from chat.live.feeds.recent import Change
from chat.live.sockets.room import RoomSocket

EVENT = '{"type":"message"}'


class Reader:
    """A socket that keeps what it gets; `congested` and `broken` say what its connection does."""

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


async def test_the_others_in_a_room_get_what_a_broken_socket_does_not_and_the_broken_one_is_closed(caplog):
    sound, broken, later = Reader(), Reader(broken=True), Reader()
    room = Broadcast(0)
    for reader in (sound, broken, later):
        assert room.add(reader, 0, {})
    for number in (1, 2):
        room.put([Change(number, EVENT)], number)
        while room.sent < number:
            await asyncio.sleep(0.01)
    assert sound.texts == later.texts == [f"[{EVENT}]"] * 2
    assert broken.closes == [frames.CLOSE_RESTART]
    assert caplog.text.count("A frame was not delivered to a client") == 1


async def test_a_congested_socket_is_skipped_from_the_frame_that_was_too_much(monkeypatch):
    monkeypatch.setattr(frames, "SENT_CHARACTERS", len(EVENT) + 1)
    slow, quick = Reader(congested=True), Reader()
    room = Broadcast(0)
    for reader in (slow, quick):
        room.add(reader, 0, {})
    room.put([Change(number, EVENT) for number in (1, 2, 3)], 3)
    assert slow.behind == [(1, {})]
    assert (len(slow.texts), len(quick.texts)) == (1, 3)
    assert room.add(slow, 1, {})
    assert len(slow.texts) == 3
    assert slow.events[-1] == frames.Synced(head=3)


async def test_a_socket_that_was_skipped_learns_who_came_and_went_meanwhile():
    ayu, budi, citra = (frames.User(n, name, True) for n, name in enumerate(("Ayu", "Budi", "Citra")))
    reader, room = Reader(), Broadcast(0)
    room.update_people({0: ayu, 1: budi})
    told = room.people
    room.update_people({1: budi, 2: citra})
    assert room.add(reader, 0, told)
    assert reader.events == [frames.Joined(citra), frames.Left(ayu), frames.Synced(head=0)]


@pytest.mark.parametrize("failure", [OSError("gone"), RuntimeError("after websocket.close")])
async def test_under_another_server_a_client_that_is_gone_ends_quietly(failure):
    async def send(message):
        raise failure

    connection = AsgiConnection(send)
    connection.send_frame(Frame("[]"))
    connection.send_frame(Frame("[]"))
    sending = connection._sending
    await asyncio.wait([sending])
    assert sending.exception() is None
    assert connection._queue == []


async def test_under_another_server_frames_leave_in_order():
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


async def test_a_socket_that_ends_while_it_is_looked_up_ends_quietly():
    complaints, socket = [], RoomSocket()
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: complaints.append(context["message"]))
    socket._handshake = loop.create_future()
    socket._handshake.add_done_callback(socket._handshake_done)
    saying_hello = asyncio.ensure_future(socket.authorize())
    await asyncio.sleep(0)
    saying_hello.cancel()
    await asyncio.wait([saying_hello])
    await asyncio.sleep(0)
    assert complaints == []
