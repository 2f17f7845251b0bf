"""Flow control of one connection, on Twisted's own buffers, without a network and without waiting."""

import asyncio
import time
from types import SimpleNamespace

import pytest
from twisted.internet.abstract import FileDescriptor

from chat.live.connection import Frame
from chat.live.feeds import feed
from chat.live.feeds.feed import Feed
from chat.live.server import input_budget, twisted_internals, websocket
from chat.live.server.websocket import MOST_UNSENT, STALLED_AFTER, WebSocket
from chat.live.sockets import room
from chat.live.sockets.room import RoomSocket
from chat.models import Room

KIB = 1024


class Wire(FileDescriptor):
    """Twisted's transport to a client that takes `capacity` bytes and then no more."""

    def __init__(self):
        self.calls = []
        reactor = SimpleNamespace(
            **{f"{act}{side}": lambda _: None for act in ("add", "remove") for side in ("Reader", "Writer")}
        )
        super().__init__(reactor)
        self.connected, self.capacity, self.taken, self.aborted, self.reads = 1, 0, b"", False, True

    def writeSomeData(self, data):
        part = bytes(data[: self.capacity])
        self.capacity -= len(part)
        self.taken += part
        return len(part)

    def takes(self, count):
        self.capacity += count
        while self.capacity and (self.dataBuffer or self._tempDataBuffer):
            self.doWrite()

    def startReading(self):
        self.reads = True

    def stopReading(self):
        self.reads = False

    def abortConnection(self):
        self.aborted = True


class Client(WebSocket):
    """A connection whose control frames are noted, not sent."""

    state = WebSocket.STATE_OPEN

    def __init__(self):
        self.transport, self.http_headers = Wire(), {}
        self.server, self.socket_opened = SimpleNamespace(websocket_timeout=86_400), time.time()
        self.pongs, self.pings, self.codes = [], [], []

    def sendPong(self, payload=None):
        self.pongs.append(payload)

    def sendPing(self, payload=None):
        self.pings.append(payload)

    def sendClose(self, code=None, reason=None):
        self.codes.append(code)


class Clock:
    now = 1_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    for module in (websocket, input_budget):
        monkeypatch.setattr(module, "monotonic", clock)
    return clock


@pytest.fixture
async def client(clock):
    client = Client()
    client.start_flow_control()
    yield client
    if client._throttled:
        client._throttled.cancel()


def frame(size):
    return Frame("x" * size)


async def test_what_the_kernel_does_not_take_is_counted(client):
    client.transport.capacity = 10 * KIB
    client.send_frame(frame(30 * KIB))
    assert client.unsent == 20 * KIB + 4  # the frame's header
    assert not client.is_congested
    client.transport.takes(10 * KIB)
    assert client.unsent == 10 * KIB + 4
    assert client.transport.taken == frame(30 * KIB).encoded[: 20 * KIB]


async def test_a_congested_client_is_not_read_until_it_took_everything(client):
    client.send_frame(frame(100 * KIB))
    assert client.is_congested and not client.transport.reads
    waiting = asyncio.ensure_future(client.drained())
    client.transport.takes(60 * KIB)
    await asyncio.sleep(0)
    assert client.is_congested and not waiting.done()
    client.transport.takes(60 * KIB)
    await asyncio.wait_for(waiting, 5)
    assert not client.is_congested and client.transport.reads


async def test_a_lost_connection_keeps_nobody_waiting(client, monkeypatch):
    monkeypatch.setattr(input_budget.WebSocketProtocol, "connectionLost", lambda self, reason: None)
    client.send_frame(frame(100 * KIB))
    waiting = asyncio.ensure_future(client.drained())
    await asyncio.sleep(0)
    client.connectionLost(None)
    await asyncio.wait_for(waiting, 5)


async def test_a_close_behind_a_backlog_is_carried_out_once_it_is_sent(client):
    client.send_frame(frame(100 * KIB))
    client.transport.loseConnection()
    client.transport.takes(200 * KIB)
    assert client.transport.producer is None  # Twisted closes only without a producer


async def test_a_connection_with_more_than_four_megabytes_unsent_is_aborted(client):
    while client.unsent <= MOST_UNSENT:
        assert not client.transport.aborted
        client.send_frame(frame(100 * KIB))
    assert client.transport.aborted


async def test_pings_beyond_the_budget_are_not_answered_but_the_latest_is(client, clock):
    for number in range(2_000):
        client.onPing(b"%d" % number)
    assert 400 < len(client.pongs) < 600
    client._throttled.cancel()
    clock.now += 1
    client._end_throttle()
    assert not client.transport.reads  # it pays for the whole flood, not only for the first ping too many
    client._throttled.cancel()
    clock.now += input_budget.LONGEST_THROTTLE
    client._end_throttle()
    assert client.transport.reads
    assert client.pongs[-1] == b"1999"


async def test_no_ping_of_a_client_with_a_backlog_is_answered(client):
    client.send_frame(frame(100 * KIB))
    for number in range(100):
        client.onPing(b"%d" % number)
    assert client.pongs == []
    client.transport.takes(200 * KIB)
    assert client.pongs == [b"99"]


async def test_a_client_that_sends_too_much_is_read_at_the_rate_of_its_budget(client, clock, monkeypatch):
    monkeypatch.setattr(input_budget.WebSocketProtocol, "dataReceived", lambda self, data: None)
    for _ in range(8):
        client.dataReceived(b"x" * 64 * KIB)
    assert client.transport.reads
    client.dataReceived(b"x" * 64 * KIB)
    assert not client.transport.reads
    client._throttled.cancel()
    clock.now += 1
    client._end_throttle()
    assert client.transport.reads


@pytest.mark.parametrize("backlog", [0, 10 * KIB, 100 * KIB])
async def test_a_client_that_reads_nothing_for_a_minute_is_closed_whatever_it_sends(client, clock, backlog):
    stalled = []
    client.on_stalled = lambda: stalled.append(clock.now)
    client.check_timeouts()
    if backlog:
        client.send_frame(frame(backlog))
    begun = clock.now
    while not stalled:
        clock.now += 2
        client.onPing(b"still here")
        if backlog < 100 * KIB:
            client.send_frame(frame(int(clock.now) % 7))  # a pong that the reactor has not written yet
            client.transport.takes(10)
        client.onPong(b"a guess")
        client._spend(100)
        client.check_timeouts()
        assert clock.now - begun < STALLED_AFTER + websocket.PING_EVERY + 6
    assert clock.now - begun > STALLED_AFTER - 2


async def test_a_slow_client_that_moves_is_not_closed(client, clock):
    client.on_stalled = lambda: pytest.fail("closed")
    client.send_frame(frame(100 * KIB))
    for _ in range(200):
        clock.now += 2
        if clock.now % 50 < 2:
            client.transport.takes(KIB)
        client.check_timeouts()
    client.transport.takes(200 * KIB)
    client.onPong(client._ping)
    assert client._ping is None


async def test_a_client_that_answers_pings_is_never_closed(client, clock):
    client.on_stalled = lambda: pytest.fail("closed")
    for _ in range(300):
        clock.now += 2
        client.check_timeouts()
        if client._ping:
            client.onPong(client._ping)
    assert 20 <= len(client.pings) <= 30


# ── the socket behind the connection ─────────────────────────────────────────────────────────────


def socket_in(home, cursor=0):
    """A room's socket on a connection that takes everything, at the end of its `hello`."""
    socket = RoomSocket()
    socket.closes = []
    socket.connection = SimpleNamespace(
        is_congested=False, send_frame=lambda _: None, close_with=socket.closes.append, drained=drained
    )
    socket.process = SimpleNamespace(
        sockets=SimpleNamespace(remove=lambda _: None), spawn=asyncio.ensure_future
    )
    socket._events, socket._deadline = [], None
    socket.feed, socket.cursor, socket._people = home, cursor, {}
    home.join(socket)
    return socket


async def drained():
    pass


@pytest.mark.parametrize("failure", [ValueError("a broken row"), room.database.OperationalError("away")])
async def test_a_catch_up_that_fails_closes_the_socket_so_that_the_client_comes_back(
    monkeypatch, caplog, failure
):
    async def fail(*_):
        raise failure

    home = Feed(Room(pk=1, head=5))  # remembers nothing from 0 to 5
    socket = socket_in(home)
    monkeypatch.setattr(room.database, "run", fail)
    await socket._catch_up()
    assert socket.closes == [4012]
    assert "A client was not caught up" in caplog.text


async def test_a_feed_that_cannot_read_says_so_and_reads_after_the_next_heartbeat(monkeypatch, caplog):
    async def fail(*_):
        raise ValueError("a broken row")

    async def succeed(*_):
        return [feed.Change(1, "{}")]

    home = Feed(Room(pk=1, head=0))
    monkeypatch.setattr(feed.database, "run", fail)
    home.read_up_to(1)
    await asyncio.wait([home._reading])
    assert "Room 1 could not be read" in caplog.text and "a broken row" in caplog.text
    monkeypatch.setattr(feed.database, "run", succeed)
    home.read_up_to(1)
    await asyncio.wait([home._reading])
    assert home.forwarded == 1


def test_the_installed_libraries_have_what_the_patches_need(monkeypatch):
    twisted_internals.check_internals()
    monkeypatch.delattr(FileDescriptor, "offset")
    with pytest.raises(twisted_internals.UnknownInternals, match=r"lacks: twisted FileDescriptor\.offset"):
        twisted_internals.check_internals()
