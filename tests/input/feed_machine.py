"""The state machine of test_feed_and_timeline: two processes, three clients, and the faults between them."""

import asyncio
import uuid
from itertools import count

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from chat import events
from chat.actions import changes
from chat.actions.messages import Draft, post
from chat.live import database
from chat.live.feeds import feed
from chat.models import Message, Room, User
from tests.chaos.database import Change

from .client_check import problems
from .fake_clients import FakeClient, FakeProcess, FakeSocket

SPINS = 8  # iterations of the event loop after each step: enough for all tasks that can run
SYNCED_WITHIN = 60  # rounds

room_numbers = count()
pick = st.integers(0, 1_000_000)


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

    def publish(self, hints: list[events.Hint], others: object = None) -> None:
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
        socket.process = FakeProcess(self.loop)
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
            assert problems(self.room, self.clients, self.recorded) == []
        finally:
            events.stop_publishing()
            self.cancel_tasks()

    def run_until_synced(self) -> None:
        head = Room.objects.get(pk=self.room.pk).head
        for _ in range(SYNCED_WITHIN):
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

    def cancel_tasks(self) -> None:
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        self.spin()
        self.loop.close()
