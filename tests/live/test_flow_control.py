"""Flow control of one connection on Twisted's real buffers, with a fake network and a fake clock."""

import asyncio
import time
from types import SimpleNamespace

import pytest
from autobahn.twisted.websocket import WebSocketServerFactory, WebSocketServerProtocol
from autobahn.websocket.protocol import TrafficStats
from django.test import override_settings
from twisted.internet.abstract import FileDescriptor
from websockets.frames import Frame as WireFrame
from websockets.frames import Opcode

from chat.limits import Limits
from chat.live.connection import Frame
from chat.live.feeds import feed
from chat.live.feeds.feed import Feed
from chat.live.server import input_budget, throttled_input, twisted_internals, websocket
from chat.live.server.input_budget import InputBudget
from chat.live.server.twisted_internals import share_options
from chat.live.server.websocket import MOST_UNSENT, STALLED_AFTER, WebSocket
from chat.live.sockets import room
from chat.live.sockets.room import RoomSocket
from chat.models import Room

KIB = 1024


class FakeTransport(FileDescriptor):
    """A Twisted transport whose socket accepts `capacity` bytes and then no more."""

    def __init__(self):
        self.calls = []
        reactor = SimpleNamespace(
            **{f"{act}{side}": lambda _: None for act in ("add", "remove") for side in ("Reader", "Writer")}
        )
        super().__init__(reactor)
        self.connected, self.capacity, self.written, self.aborted, self.reads = 1, 0, b"", False, True
        self.socket = SimpleNamespace(send=self.writeSomeData)

    def writeSomeData(self, data):
        part = bytes(data[: self.capacity])
        self.capacity -= len(part)
        self.written += part
        return len(part)

    def accept(self, count):
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
    """A connection that records its control frames instead of sending them."""

    state = WebSocket.STATE_OPEN
    data, current_frame, inside_message, _perMessageCompress = b"", None, False, None  # Autobahn's parser

    def __init__(self):
        self.transport, self.http_headers = FakeTransport(), {}
        self.server, self.socket_opened = SimpleNamespace(websocket_timeout=86_400), time.time()
        self.pongs, self.pings, self.codes = [], [], []
        self._budget, self._shared_budget = InputBudget(), InputBudget()
        self.trafficStats = TrafficStats()

    def sendPong(self, payload=None):
        self.pongs.append(payload)

    def _send_ping(self, now):
        super()._send_ping(now)
        self.pings.append(self._ping)

    def sendClose(self, code=None, reason=None):
        self.codes.append(code)


class Clock:
    now = 1_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(websocket, "monotonic", clock)
    monkeypatch.setattr(input_budget, "monotonic", clock)
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


async def test_bytes_that_the_kernel_does_not_accept_count_as_unsent(client):
    client.transport.capacity = 10 * KIB
    client.send_frame(frame(30 * KIB))
    assert client.unsent == 20 * KIB + 4  # the frame's header
    assert not client.is_congested
    client.transport.accept(10 * KIB)
    assert client.unsent == 10 * KIB + 4
    assert client.transport.written == frame(30 * KIB).encoded[: 20 * KIB]


async def test_a_congested_client_is_not_read_until_all_data_is_sent(client):
    client.send_frame(frame(100 * KIB))
    assert client.is_congested and not client.transport.reads
    waiting = asyncio.ensure_future(client.drained())
    client.transport.accept(60 * KIB)
    await asyncio.sleep(0)
    assert client.is_congested and not waiting.done()
    client.transport.accept(60 * KIB)
    await asyncio.wait_for(waiting, 5)
    assert not client.is_congested and client.transport.reads


async def test_a_lost_connection_wakes_the_tasks_that_wait_for_it_to_drain(client, monkeypatch):
    monkeypatch.setattr(throttled_input.WebSocketProtocol, "connectionLost", lambda self, reason: None)
    client.send_frame(frame(100 * KIB))
    waiting = asyncio.ensure_future(client.drained())
    await asyncio.sleep(0)
    client.connectionLost(None)
    await asyncio.wait_for(waiting, 5)


async def test_a_connection_with_a_backlog_closes_after_the_backlog_is_sent(client):
    client.send_frame(frame(100 * KIB))
    client.transport.loseConnection()
    client.transport.accept(200 * KIB)
    assert client.transport.producer is None  # Twisted closes only without a producer


async def test_a_connection_with_more_than_four_megabytes_unsent_is_aborted(client):
    while client.unsent <= MOST_UNSENT:
        assert not client.transport.aborted
        client.send_frame(frame(100 * KIB))
    assert client.transport.aborted


async def test_of_pings_beyond_the_budget_only_the_latest_is_answered(client, clock):
    for number in range(2_000):
        client.onPing(b"%d" % number)
    assert 400 < len(client.pongs) < 600
    client._throttled.cancel()
    clock.now += 1
    client._end_throttle()
    assert not client.transport.reads  # all pings count, not only the first one beyond the budget
    client._throttled.cancel()
    clock.now += input_budget.LONGEST_THROTTLE
    client._end_throttle()
    assert client.transport.reads
    assert client.pongs[-1] == b"1999"


async def test_pings_of_a_client_with_a_backlog_are_answered_after_the_backlog_is_sent(client):
    client.send_frame(frame(100 * KIB))
    for number in range(100):
        client.onPing(b"%d" % number)
    assert client.pongs == []
    client.transport.accept(200 * KIB)
    assert client.pongs == [b"99"]


async def test_a_client_that_sends_too_much_is_read_at_the_rate_of_its_budget(client, clock, monkeypatch):
    monkeypatch.setattr(throttled_input.WebSocketProtocol, "dataReceived", lambda self, data: None)
    for _ in range(8):
        client.dataReceived(b"x" * 64 * KIB)
    assert client.transport.reads
    client.dataReceived(b"x" * 64 * KIB)
    assert not client.transport.reads
    client._throttled.cancel()
    clock.now += 1
    client._end_throttle()
    assert client.transport.reads


# ── floods of frames ─────────────────────────────────────────────────────────────────────────────

EMPTY_TEXT, EMPTY_PONG = b"\x81\x80" + bytes(4), b"\x8a\x80" + bytes(4)


class Parser(Client):
    """A connection with Autobahn's parser. It counts the frames that were parsed."""

    parsed, websocket_version = 0, 13

    def onFrameEnd(self):
        self.parsed += 1
        return super().onFrameEnd()

    def onMessage(self, payload, isBinary):
        if self.on_text:
            super().onMessage(payload, isBinary)


@pytest.fixture
async def connect(clock):
    """Open connections to one process: `connect()`, `connect("192.0.2.2")`."""
    input_budget.ip_budget.cache_clear()
    factory, connections = WebSocketServerFactory(), []
    factory.openHandshakeTimeout = 0  # no timer
    share_options(factory, Parser)

    def connect(ip="192.0.2.1"):
        connection = factory.protocol()
        connection.factory = factory
        WebSocketServerProtocol._connectionMade(connection)
        connection.state, connection.current_frame, connection.inside_message = Client.state, None, False
        connection.set_budgets(ip)
        connection.start_flow_control()
        connections.append(connection)
        return connection

    yield connect
    input_budget.ip_budget.cache_clear()
    for connection in connections:
        if connection._throttled:
            connection._throttled.cancel()


def flood(connection, clock, seconds, frames=EMPTY_TEXT * 1_000):
    """Send frames for some seconds, as many as the connection is read for."""
    end = clock.now + seconds
    while True:
        while connection.transport.reads:
            connection.dataReceived(frames)
        if clock.now >= end:
            return connection.parsed
        clock.now += 0.1
        resume(connection)


def resume(connection):
    if connection._throttled:
        connection._throttled.cancel()
        connection._end_throttle()


@pytest.mark.parametrize("frame", [EMPTY_TEXT, EMPTY_PONG])
async def test_at_most_256_empty_frames_are_parsed_at_once_and_then_32_a_second(connect, clock, frame):
    assert 200 < flood(connect(), clock, 0, frame * 1_000) <= 260
    assert 400 < flood(connect("192.0.2.2"), clock, 10, frame * 1_000) <= 600


async def test_no_received_frame_is_lost_while_a_connection_is_paused(connect, clock):
    connection = connect()
    connection.dataReceived(EMPTY_TEXT * 300)
    assert connection.parsed < 300
    while connection._throttled:
        clock.now += 10
        resume(connection)
    assert connection.parsed == 300
    assert connection.transport.reads


async def test_frames_are_parsed_at_the_same_rate_while_the_connection_closes(connect, clock):
    connection = connect()
    connection.state = connection.STATE_CLOSING
    assert flood(connection, clock, 2) <= 330
    assert not connection.transport.reads


async def test_two_hundred_connections_of_an_ip_address_share_a_budget(connect, clock):
    parsed = sum(flood(connect(), clock, 0) for _ in range(200))
    assert 4_000 < parsed <= 5_400
    assert flood(connect("192.0.2.2"), clock, 0) > 200  # another IP address is not affected


async def test_connections_that_share_a_spent_budget_do_not_poll_it(connect, clock):
    connection = connect()
    connection._shared_budget.left = -1
    connection.dataReceived(EMPTY_TEXT)
    loop = asyncio.get_running_loop()
    assert connection._throttled.when() - loop.time() > throttled_input.SHORTEST_THROTTLE / 2


async def test_a_client_that_keeps_to_the_rate_limits_never_waits(connect, clock):
    """Here the limits of a load test: 1,000 messages a second, and five frames for each of them."""
    with override_settings(OBROLAN_POST_RATE=1_000.0, OBROLAN_POST_BURST=10_000):
        input_budget.ip_budget.cache_clear()
        connection = connect()
        limit = Limits().socket_bucket()
    connection.dataReceived(EMPTY_TEXT * int(limit.burst))
    for _ in range(100):
        clock.now += 0.1
        connection.dataReceived(EMPTY_TEXT * int(limit.rate / 10))
    assert not connection._throttled
    assert connection.parsed == limit.burst + 10 * limit.rate


@pytest.mark.parametrize("backlog", [0, 10 * KIB, 100 * KIB])
async def test_a_client_that_reads_nothing_for_a_minute_is_closed_whatever_it_sends(client, clock, backlog):
    stalled = []
    client.on_stalled = lambda: stalled.append(clock.now)
    client.check()
    if backlog:
        client.send_frame(frame(backlog))
    begun = clock.now
    while not stalled:
        clock.now += 2
        client.onPing(b"still here")
        if backlog < 100 * KIB:
            client.send_frame(frame(int(clock.now) % 7))  # like a pong that the reactor has not written yet
            client.transport.accept(10)
        client.onPong(b"a guess")
        client._spend(100)
        client.check()
        assert clock.now - begun < STALLED_AFTER + websocket.PING_EVERY + 6
    assert clock.now - begun > STALLED_AFTER - 2


async def test_a_slow_client_that_makes_progress_is_not_closed(client, clock):
    client.on_stalled = lambda: pytest.fail("closed")
    client.send_frame(frame(100 * KIB))
    for _ in range(200):
        clock.now += 2
        if clock.now % 50 < 2:
            client.transport.accept(KIB)
        client.check()
    client.transport.accept(200 * KIB)
    client.onPong(client._ping)
    assert client._ping is None


async def test_a_client_that_answers_pings_is_never_closed(client, clock):
    client.on_stalled = lambda: pytest.fail("closed")
    for _ in range(300):
        clock.now += 2
        client.check()
        if client._ping:
            client.onPong(client._ping)
    assert 20 <= len(client.pings) <= 30


async def test_connections_that_began_together_are_pinged_at_different_times(monkeypatch, clock):
    pinged = []
    for byte in (b"\0", b"\x80", b"\xff"):
        monkeypatch.setattr(websocket.os, "urandom", lambda size, byte=byte: byte * size)
        client = Client()
        client.start_flow_control()
        pinged.append(client._check_timer.when() - asyncio.get_running_loop().time())
        clock.now += websocket.PING_EVERY
        client.check()
        assert len(client.pings) == 1
        client._check_timer.cancel()
        clock.now -= websocket.PING_EVERY
    assert pinged == [pytest.approx(seconds, abs=1) for seconds in (30, 22.5, 15)]


async def test_a_connection_is_checked_as_long_as_it_is_open(client, clock):
    for _ in range(5):
        before = client._check_timer
        clock.now += websocket.PING_EVERY
        client.check()
        client.onPong(client._ping)
        assert client._check_timer is not before and not client._check_timer.cancelled()


async def test_a_ping_carries_the_pong_that_the_client_asked_for(client, clock):
    client.sign_of_life = lambda: Frame("[]")
    client.transport.capacity = KIB
    clock.now += 30
    client.check()
    assert client.transport.written == websocket.PING + client._ping + Frame("[]").encoded


# ── frames that arrive whole ─────────────────────────────────────────────────────────────────────


def text_frame(text):
    return WireFrame(Opcode.TEXT, text).serialize(mask=True)


@pytest.fixture
async def open_socket(connect):
    """A connection after its hello. Its frames go to `texts`, failures to `failed`."""
    connection = connect()
    opened = SimpleNamespace(connection=connection, texts=[], failed=[])
    connection.on_text = opened.texts.append
    connection._fail_connection = lambda code, reason: opened.failed.append(code)
    return opened


async def test_whole_frames_count_like_others_and_throttle_the_connection(open_socket, clock):
    connection = open_socket.connection
    while connection.transport.reads:
        connection.dataReceived(text_frame(b"{}"))
    assert 200 < len(open_socket.texts) <= 260
    assert connection._throttled and connection.parsed == 0


async def test_a_whole_pong_costs_its_bytes_too(open_socket, clock):
    budget = open_socket.connection._budget
    before = budget.left
    open_socket.connection.dataReceived(EMPTY_PONG)
    assert before - budget.left == len(EMPTY_PONG) + input_budget.FRAME_COST


async def test_a_whole_frame_does_not_overtake_what_a_throttled_connection_has_not_parsed(open_socket, clock):
    connection = open_socket.connection
    connection._budget.left = 0
    for texts in (b"1", b"2", b"3"), (b"4",), (b"5",):
        connection.dataReceived(b"".join(map(text_frame, texts)))
    assert connection._throttled and len(open_socket.texts) < 3
    clock.now += 60
    resume(connection)
    connection.dataReceived(text_frame(b"6"))
    assert open_socket.texts == ["1", "2", "3", "4", "5", "6"]


@pytest.mark.parametrize(
    "data", [text_frame(b"\xff"), b"\xc1" + text_frame(b"a")[1:], b"\x81\x01a"], ids=["utf-8", "rsv", "mask"]
)
async def test_a_broken_frame_fails_the_connection_and_reaches_nobody(open_socket, data):
    open_socket.connection.dataReceived(data)
    assert open_socket.texts == [] and open_socket.failed


# ── catch-up and the room feed ───────────────────────────────────────────────────────────────────


class NoNames:
    def of_room(self, _):
        return []


def join(room_feed, cursor=0):
    """Add a room socket to a feed. Its connection is never congested."""
    socket = RoomSocket()
    socket.closes = []
    socket.connection = SimpleNamespace(
        is_congested=False, send_frame=lambda _: None, close_with=socket.closes.append, drained=drained
    )
    forgets = SimpleNamespace(remove=lambda _: None, leave=lambda _: None, forget=lambda _: None)
    socket.process = SimpleNamespace(
        sockets=forgets, lobby=forgets, held=forgets, names=NoNames(), spawn=asyncio.ensure_future
    )
    socket._events, socket._deadline = [], None
    socket.feed, socket.cursor, socket._people = room_feed, cursor, {}
    room_feed.join(socket)
    return socket


async def drained():
    pass


@pytest.mark.parametrize("failure", [ValueError("a broken row"), room.database.OperationalError("away")])
async def test_a_catch_up_that_fails_closes_the_connection_with_4012(monkeypatch, caplog, failure):
    async def fail(*_):
        raise failure

    room_feed = Feed(Room(pk=1, head=5))  # without the changes 1 to 5 in memory
    socket = join(room_feed)
    monkeypatch.setattr(room.database, "run", fail)
    await socket._catch_up()
    assert socket.closes == [4012]
    assert "A client was not caught up" in caplog.text


async def test_a_feed_whose_read_fails_logs_it_and_reads_again_after_the_next_heartbeat(monkeypatch, caplog):
    async def fail(*_):
        raise ValueError("a broken row")

    async def succeed(*_):
        return [feed.Change(1, "{}")]

    room_feed = Feed(Room(pk=1, head=0))
    monkeypatch.setattr(feed.database, "run", fail)
    room_feed.read_up_to(1)
    await asyncio.wait([room_feed._reading])
    assert "Room 1 could not be read" in caplog.text and "a broken row" in caplog.text
    monkeypatch.setattr(feed.database, "run", succeed)
    room_feed.read_up_to(1)
    await asyncio.wait([room_feed._reading])
    assert room_feed.forwarded == 1


def test_the_installed_libraries_have_the_internals_that_the_patches_use(monkeypatch):
    twisted_internals.check_internals()
    monkeypatch.delattr(FileDescriptor, "offset")
    with pytest.raises(twisted_internals.UnknownInternals, match=r"lacks: twisted FileDescriptor\.offset"):
        twisted_internals.check_internals()
