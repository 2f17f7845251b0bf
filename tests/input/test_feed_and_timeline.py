"""Model-based test of the feed, the catch-up and the client's timeline.

Hypothesis drops, repeats, reorders and delays hints, frames and database reads. Feed, catch-up and writer are
those of the product; timelines and checks are those of the chaos run. Small limits make rare paths common.
"""

import asyncio
import json
import uuid
from itertools import count

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from chat import events, frames
from chat.actions import changes
from chat.actions.messages import Draft, post
from chat.live import database
from chat.live.access.identity import Identity
from chat.live.connection import Frame
from chat.live.feeds import broadcast, feed, recent
from chat.live.feeds.names import Names
from chat.live.sockets import catch_up, room
from chat.models import Message, Room, User
from tests.chaos import judge
from tests.chaos.database import Change, Row
from tests.chaos.timeline import RESET, Timeline

pytestmark = pytest.mark.once

EXAMPLES = 300
STEPS = 25
SPINS = 8  # iterations of the event loop after each step: enough for all tasks that can run
CONGESTED = 1  # frame; a connection with more unread frames is congested
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

room_numbers = count()
pick = st.integers(0, 1_000_000)


class FakeConnection:
    """A connection. It holds each frame until `deliver`. It is congested while it holds too many."""

    on_stalled = None

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.drain: asyncio.Future[None] | None = None

    @property
    def is_congested(self) -> bool:
        return self.drain is not None

    def send_frame(self, frame: Frame) -> None:
        self.texts.append(frame.text)
        if len(self.texts) > CONGESTED and self.drain is None:
            self.drain = asyncio.get_running_loop().create_future()

    def send_frames(self, several: list[Frame]) -> None:
        for frame in several:
            self.send_frame(frame)

    def deliver(self, number: int) -> list[str]:
        delivered, self.texts[:] = self.texts[:number], self.texts[number:]
        return delivered

    def drain_if_empty(self) -> None:
        """Report that the connection is no longer congested. Call it on the event loop."""
        if not self.texts and self.drain:
            self.drain.set_result(None)
            self.drain = None

    def drop(self) -> None:
        if self.drain:
            self.drain.set_result(None)
            self.drain = None

    async def drained(self) -> None:
        while self.drain:
            await self.drain


class FakeSocket(room.RoomSocket):
    """A room socket without authentication and access checks."""

    def __init__(self, home: feed.Feed) -> None:
        super().__init__()
        self.home = home  # the feed of its process
        self.connection = FakeConnection()
        self._events: list[str] = []

    def end(self, code: int) -> None:
        self.flush()
        self.closed = True
        self.connection.drop()
        if self.feed:
            self.feed.leave(self)

    async def join(self, since: int | None, epoch: str | None) -> None:
        me, info = frames.User(1, "Ayu", False), frames.RoomState("kitchen", "Kitchen", "", Room.PUBLIC)
        hello = frames.Hello(since, uuid.UUID(epoch) if epoch else None)
        piece = await self._first_piece(self.home, Identity(me, "", 0), hello, 0)
        if self.closed:
            return
        self.feed, self._people, self._room = self.home, {}, info
        self.feed.join(self)
        self.send_events(frames.Welcome(2, me, info, self.home.epoch, piece.head, []))
        self._send_piece(piece)
        if not self._enter_feed():
            self.process.spawn(self._catch_up())


class FakeClient:
    """A client: its timeline, the changes that it applied, and its socket while it is connected."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.timeline = Timeline()
        self.applied: list[tuple[float, int, int, str]] = []
        self.socket: FakeSocket | None = None
        self.since: int | None = None

    def handle(self, text: str) -> None:
        for event in json.loads(text):
            kind = event["type"]
            if kind == "message":
                outcome = self.timeline.apply(event)
                self.applied.append((0.0, event["seq"], event["rev"], outcome))
            elif kind == "welcome":
                self.timeline.welcome(event, self.since)
                if self.since is None:
                    self.applied.append((0.0, 0, event["head"], RESET))
            elif kind == "reset":
                self.timeline.reset(event["head"])
                self.applied.append((0.0, 0, event["head"], RESET))
            elif kind == "synced":
                self.timeline.synced(event["head"])

    def record(self) -> dict:
        return {
            "applied": self.applied,
            "floor": self.timeline.floor,
            "listed": self.timeline.listed(),
        }


class FeedAndTimeline(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        number = next(room_numbers)
        self.room = Room.objects.create(slug=f"kitchen-{number}", name=f"Kitchen {number}")
        self.author = User.objects.get_or_create(username="ayu", defaults={"name": "Ayu"})[0]
        self.recorded: list[Change] = []
        self.queries: list[tuple] = []  # not yet run
        self.results: list[tuple] = []  # of queries, not yet delivered
        self.clients = [FakeClient(name) for name in ("alice", "bob", "charlie")]
        self.hints: list[list[dict]] = [[], []]
        events.publish_through(self.publish)
        self.feeds = [self.new_feed(), self.new_feed()]

    def new_feed(self) -> feed.Feed:
        return feed.Feed(Room.objects.get(pk=self.room.pk))

    def publish(self, hints: list[events.Hint]) -> None:
        for queue in self.hints:
            queue += [payload for _, payload in hints]

    async def run_in_database(self, executor, work, *args):
        future = asyncio.get_running_loop().create_future()
        self.queries.append((work, args, future))
        return await future

    def spin(self, times: int = SPINS) -> None:
        async def turns() -> None:
            for _ in range(times):
                await asyncio.sleep(0)

        self.loop.run_until_complete(turns())

    def on_loop(self, function, *args) -> None:
        """Call something that needs a running loop, then let it run."""

        async def call() -> None:
            function(*args)

        self.loop.run_until_complete(call())
        self.spin()

    # ── writing ──────────────────────────────────────────────────────────────────────────────────────

    @rule(number=st.integers(1, 4))
    def post(self, number: int) -> None:
        room_id, author = self.room.pk, self.author.pk
        self.commit([Draft(room_id, author, uuid.uuid4(), f"words {n}" * 20) for n in range(number)])

    @rule(which=pick, kind=st.sampled_from(["edit", "delete", "restore", "react"]))
    def change(self, which: int, kind: str) -> None:
        created = [note.seq for note in self.recorded if note.seq == note.rev]
        if created:
            target = self.room.pk, self.author.pk, created[which % len(created)]
            command = {
                "edit": lambda: changes.Edit(*target, text=f"edited {which}"),
                "delete": lambda: changes.Delete(*target),
                "restore": lambda: changes.Restore(*target),
                "react": lambda: changes.React(*target, emoji="👍", on=which % 2 == 0),
            }[kind]()
            self.commit([command])

    def commit(self, commands: list) -> None:
        before = {(note.seq, note.rev) for note in self.recorded}
        for result in post(commands):
            if isinstance(result, Message) and (result.seq, result.rev) not in before:
                note = Change(self.room.pk, result.seq, result.rev, result.author_id, str(result.client_id))
                self.recorded.append(note)

    # ── channel layer ────────────────────────────────────────────────────────────────────────────────

    @rule(process=st.integers(0, 1), number=st.integers(1, 5))
    def deliver_hints(self, process: int, number: int) -> None:
        for _ in range(min(number, len(self.hints[process]))):
            self.deliver_hint(process, self.hints[process].pop(0))

    @rule(process=st.integers(0, 1), which=pick, keep=st.booleans())
    def deliver_a_hint_out_of_order_or_twice(self, process: int, which: int, keep: bool) -> None:
        queue = self.hints[process]
        if queue:
            index = which % len(queue)
            self.deliver_hint(process, queue[index] if keep else queue.pop(index))

    @rule(process=st.integers(0, 1), which=pick)
    def drop_a_hint(self, process: int, which: int) -> None:
        if self.hints[process]:
            self.hints[process].pop(which % len(self.hints[process]))

    def deliver_hint(self, process: int, payload: dict) -> None:
        for _, _, first, encoded in payload["runs"]:
            self.on_loop(self.feeds[process].hint, first, encoded)

    @rule(process=st.integers(0, 1))
    def heartbeat(self, process: int) -> None:
        self.on_loop(self.feeds[process].read_up_to, Room.objects.get(pk=self.room.pk).head)

    # ── database ─────────────────────────────────────────────────────────────────────────────────────

    @rule(which=pick)
    def run_query(self, which: int) -> None:
        if self.queries:
            work, args, future = self.queries.pop(which % len(self.queries))
            self.results.append((future, work(*args)))

    @rule(which=pick)
    def deliver_result(self, which: int) -> None:
        if self.results:
            future, result = self.results.pop(which % len(self.results))
            if not future.done():
                self.on_loop(future.set_result, result)

    @rule(which=pick)
    def fail_query(self, which: int) -> None:
        if self.queries:
            _, _, future = self.queries.pop(which % len(self.queries))
            if not future.done():
                self.on_loop(future.set_exception, database.OperationalError("gone"))

    @rule(process=st.integers(0, 1), index=st.integers(0, 2))
    def process_everything(self, process: int, index: int) -> None:
        """Connect a client, run all queries and deliver all hints. Clients need not receive their frames."""
        self.connect(index, process)
        while self.queries or self.results:
            self.run_query(0)
            self.deliver_result(0)
        self.deliver_hints(process, len(self.hints[process]))

    # ── clients ──────────────────────────────────────────────────────────────────────────────────────

    @rule(index=st.integers(0, 2), process=st.integers(0, 1))
    def connect(self, index: int, process: int) -> None:
        client = self.clients[index]
        if client.socket and not client.socket.closed:
            return
        socket = client.socket = FakeSocket(self.feeds[process])
        socket.process = FakeProcess(self)
        client.since = client.timeline.since

        async def join() -> None:
            try:
                await socket.join(client.since, client.timeline.epoch)
            except database.OperationalError:
                socket.end(1006)

        self.on_loop(asyncio.ensure_future, join())

    @rule(index=st.integers(0, 2), number=st.integers(1, 20))
    def receive(self, index: int, number: int) -> None:
        client = self.clients[index]
        if client.socket:
            for text in client.socket.connection.deliver(number):
                self.on_loop(client.handle, text)
            self.on_loop(client.socket.connection.drain_if_empty)

    @rule(index=st.integers(0, 2))
    def cut(self, index: int) -> None:
        client = self.clients[index]
        if client.socket:
            self.on_loop(client.socket.end, 1006)
            client.socket = None

    @rule(process=st.integers(0, 1))
    def crash(self, process: int) -> None:
        for client in self.clients:
            if client.socket and client.socket.home is self.feeds[process]:
                client.socket.closed, client.socket = True, None
        self.hints[process].clear()
        self.feeds[process] = self.new_feed()

    @rule()
    def restore_a_backup(self) -> None:
        """The room gets a new epoch while nobody is connected."""
        for index in range(len(self.clients)):
            self.cut(index)
        Room.objects.filter(pk=self.room.pk).update(epoch=uuid.uuid4())
        for process in range(len(self.feeds)):
            self.crash(process)

    # ── final check ──────────────────────────────────────────────────────────────────────────────────

    def teardown(self) -> None:
        try:
            self.run_until_synced()
            self.check_clients()
        finally:
            events.stop_publishing()
            self.cancel_tasks()

    def run_until_synced(self) -> None:
        head = Room.objects.get(pk=self.room.pk).head
        for _ in range(60):
            for process in (0, 1):
                self.heartbeat(process)
                self.connect(process, process)
            self.connect(2, 0)
            while self.queries or self.results:
                self.run_query(0)
                self.deliver_result(0)
            for index in range(3):
                self.receive(index, 1_000)
            if all(client.timeline.cursor == head and client.timeline.is_synced for client in self.clients):
                return

    def check_clients(self) -> None:
        rows = [
            Row(
                self.room.pk,
                each.seq,
                each.rev,
                each.author_id,
                str(each.client_id),
                each.text,
                bool(each.deleted_at),
                each.reactions,
            )
            for each in Message.objects.filter(room=self.room).order_by("seq")
        ]
        state = judge.Room(self.room.pk, Room.objects.get(pk=self.room.pk).head, rows, self.recorded, [])
        problems = []
        for client in self.clients:
            record = client.record()
            if client.timeline.cursor != state.head or not client.timeline.is_synced:
                problems.append(f"{client.name} stopped at {client.timeline.cursor} of {state.head}")
            problems += [f"{client.name} {problem}" for problem in judge.in_order(state, record)]
            problems += [f"{client.name} {problem}" for problem in judge.same_list(state, record)]
        assert problems == []

    def cancel_tasks(self) -> None:
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        self.spin()
        self.loop.close()


class NoLimits:
    def spend_catch_up(self, user_id: int, ip: str) -> None:
        pass

    def charge_catch_up(self, user_id: int, ip: str, characters: int) -> None:
        pass


class FakeProcess:
    """The part of a process that a socket uses."""

    limits = NoLimits()
    names = Names()

    def __init__(self, machine: FeedAndTimeline) -> None:
        self.machine = machine

    def spawn(self, work) -> None:
        self.machine.loop.create_task(work)


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
