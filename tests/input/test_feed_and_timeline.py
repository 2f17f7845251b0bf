"""Feed, resume and screen against a network and a database that answer when, and in what order, they like.

The product's own feed, catch-up and writing; the screens are tests/chaos/timeline.py, the judge is the chaos
run's. Limits are small here, so that every path is walked within a few steps.
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
from chat.live import database, feed, room, sending
from chat.models import Message, Room, User
from tests.chaos import judge
from tests.chaos.ledger import Noted, Row
from tests.chaos.timeline import TURNED, Timeline

EXAMPLES = 2_000
STEPS = 25
SPINS = 8  # turns of the event loop after each step: enough for everything that waits for nobody
SMALL = {
    (feed, "UNCONFIRMED"): 2_000,
    (feed, "UNCONFIRMED_AT_ALL"): 6_000,
    (feed, "REMEMBERED"): 1_500,
    (feed, "READ_AT_ONCE"): 3,
    (feed, "LONGEST_PAUSE"): 0.0,
    (room, "PAGE"): 3,
    (room, "FAR_BEHIND"): 6,
}

names = count()
pick = st.integers(0, 1_000_000)


class Line(room.RoomSocket):
    """A room's socket. What it sends lies in the pipe until the network brings it."""

    def __init__(self, home: feed.Feed) -> None:
        super().__init__()
        self.home = home  # the process at the other end
        self.pipe: list[str] = []
        self._events: list[str] = []
        self._deadline = None

    def transmit(self, message: sending.Message) -> None:
        self.pipe.append(message["text"])

    def end(self, code: int) -> None:
        self.flush()
        self.closed = True
        self.leave()

    def leave(self) -> None:
        if self.feed:
            self.feed.leave(self)

    async def join(self, since: int | None, epoch: str | None) -> None:
        """`hello`, without the question who it is."""
        found = await self._catch_up(self.home, since, uuid.UUID(epoch) if epoch else None)
        if self.closed:
            return
        self.feed = self.home
        info = frames.RoomInfo("kitchen", "Kitchen", "", Room.PUBLIC)
        self.tell(frames.Welcome(1, frames.User(1, "Ayu", False), info, self.home.epoch, found.cursor, []))
        await self._enter(self.home, found)


class Screen:
    """One client: its timeline, what it applied, and its line if it has one."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.timeline = Timeline()
        self.applied: list[tuple[float, int, int, str]] = []
        self.line: Line | None = None
        self.since: int | None = None

    def see(self, text: str) -> None:
        for event in json.loads(text):
            kind = event["type"]
            if kind == "message":
                how = self.timeline.apply(event)
                self.applied.append((0.0, event["seq"], event["rev"], how))
            elif kind == "welcome":
                self.timeline.welcome(event, self.since)
                if self.since is None:
                    self.applied.append((0.0, 0, event["head"], TURNED))
                assert self.line
                self.line.tell(frames.Pong(head=0))  # the answer to a ping, behind what was sent by now
            elif kind == "reset":
                self.timeline.turn_page(event["head"])
                self.applied.append((0.0, 0, event["head"], TURNED))
            elif kind == "pong":
                self.timeline.settle()

    def diary(self) -> dict:
        return {
            "applied": self.applied,
            "floor": self.timeline.floor,
            "listed": self.timeline.listed(),
        }


class FeedAndTimeline(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        number = next(names)
        self.room = Room.objects.create(slug=f"kitchen-{number}", name=f"Kitchen {number}")
        self.author = User.objects.get_or_create(username="ayu", defaults={"name": "Ayu"})[0]
        self.noted: list[Noted] = []
        self.asked: list[tuple] = []  # of the database: not yet read
        self.answers: list[tuple] = []  # read, and on their way
        self.now = 0.0
        self.screens = [Screen(name) for name in ("alice", "bob", "charlie")]
        self.hints: list[list[dict]] = [[], []]
        events.publish_through(self.publish)
        self.feeds = [self.fresh_feed(), self.fresh_feed()]

    def fresh_feed(self) -> feed.Feed:
        return feed.Feed(Room.objects.get(pk=self.room.pk))

    def publish(self, group: str, payload: dict) -> None:
        for inbox in self.hints:
            inbox.append(payload)

    async def database(self, executor, work, *args):
        answer = asyncio.get_running_loop().create_future()
        self.asked.append((work, args, answer))
        return await answer

    def spin(self, times: int = SPINS) -> None:
        async def turns() -> None:
            for _ in range(times):
                await asyncio.sleep(0)

        self.loop.run_until_complete(turns())

    def on_loop(self, act, *args) -> None:
        """Call something that needs a running loop, then let it run."""

        async def call() -> None:
            act(*args)

        self.loop.run_until_complete(call())
        self.spin()

    # ── people write ─────────────────────────────────────────────────────────────────────────────

    @rule(many=st.integers(1, 4))
    def post(self, many: int) -> None:
        room_id, author = self.room.pk, self.author.pk
        self.commit([Draft(room_id, author, uuid.uuid4(), f"words {n}" * 20) for n in range(many)])

    @rule(which=pick, kind=st.sampled_from(["edit", "delete", "restore", "react"]))
    def change(self, which: int, kind: str) -> None:
        born = [note.seq for note in self.noted if note.seq == note.rev]
        if born:
            place = self.room.pk, self.author.pk, born[which % len(born)]
            made = {
                "edit": lambda: changes.Edit(*place, text=f"edited {which}"),
                "delete": lambda: changes.Delete(*place),
                "restore": lambda: changes.Restore(*place),
                "react": lambda: changes.React(*place, emoji="👍", on=which % 2 == 0),
            }[kind]()
            self.commit([made])

    def commit(self, commands: list) -> None:
        before = {(note.seq, note.rev) for note in self.noted}
        for result in post(commands):
            if isinstance(result, Message) and (result.seq, result.rev) not in before:
                note = Noted(self.room.pk, result.seq, result.rev, result.author_id, str(result.client_id))
                self.noted.append(note)

    # ── the layer ────────────────────────────────────────────────────────────────────────────────

    @rule(process=st.integers(0, 1), many=st.integers(1, 5))
    def hints_arrive(self, process: int, many: int) -> None:
        for _ in range(min(many, len(self.hints[process]))):
            self.bring(process, self.hints[process].pop(0))

    @rule(process=st.integers(0, 1), which=pick, keep=st.booleans())
    def a_hint_arrives_out_of_turn_or_twice(self, process: int, which: int, keep: bool) -> None:
        inbox = self.hints[process]
        if inbox:
            index = which % len(inbox)
            self.bring(process, inbox[index] if keep else inbox.pop(index))

    @rule(process=st.integers(0, 1), which=pick)
    def a_hint_is_lost(self, process: int, which: int) -> None:
        if self.hints[process]:
            self.hints[process].pop(which % len(self.hints[process]))

    def bring(self, process: int, payload: dict) -> None:
        self.on_loop(self.feeds[process].hint, payload["first"], payload["events"])

    @rule(process=st.integers(0, 1), seconds=st.floats(0.5, 70))
    def heartbeat(self, process: int, seconds: float) -> None:
        self.now += seconds
        self.on_loop(self.feeds[process].tick)
        self.on_loop(self.feeds[process].heard, Room.objects.get(pk=self.room.pk).head)

    # ── the database ─────────────────────────────────────────────────────────────────────────────

    @rule(which=pick)
    def database_reads(self, which: int) -> None:
        if self.asked:
            work, args, answer = self.asked.pop(which % len(self.asked))
            self.answers.append((answer, work(*args)))

    @rule(which=pick)
    def database_answers(self, which: int) -> None:
        if self.answers:
            answer, result = self.answers.pop(which % len(self.answers))
            if not answer.done():
                self.on_loop(answer.set_result, result)

    @rule(which=pick)
    def database_fails(self, which: int) -> None:
        if self.asked:
            _, _, answer = self.asked.pop(which % len(self.asked))
            if not answer.done():
                self.on_loop(answer.set_exception, database.OperationalError("gone"))

    # ── the screens ──────────────────────────────────────────────────────────────────────────────

    @rule(who=st.integers(0, 2), process=st.integers(0, 1))
    def connect(self, who: int, process: int) -> None:
        screen = self.screens[who]
        if screen.line and not screen.line.closed:
            return
        line = screen.line = Line(self.feeds[process])
        line.process = Spawner(self)
        screen.since = screen.timeline.since

        async def join() -> None:
            try:
                await line.join(screen.since, screen.timeline.epoch)
            except database.OperationalError:
                line.end(1006)

        self.on_loop(asyncio.ensure_future, join())

    @rule(who=st.integers(0, 2), many=st.integers(1, 20))
    def receive(self, who: int, many: int) -> None:
        screen = self.screens[who]
        if screen.line:
            arrived, screen.line.pipe[:] = screen.line.pipe[:many], screen.line.pipe[many:]
            for text in arrived:
                self.on_loop(screen.see, text)

    @rule(who=st.integers(0, 2))
    def confirm(self, who: int) -> None:
        screen = self.screens[who]
        if screen.line and screen.line.feed and not screen.line.closed:
            self.on_loop(screen.line._got, screen.timeline.cursor)

    @rule(who=st.integers(0, 2))
    def cut(self, who: int) -> None:
        screen = self.screens[who]
        if screen.line:
            self.on_loop(screen.line.end, 1006)
            screen.line = None

    @rule(process=st.integers(0, 1))
    def crash(self, process: int) -> None:
        for screen in self.screens:
            if screen.line and screen.line.home is self.feeds[process]:
                screen.line.closed, screen.line = True, None
        self.hints[process].clear()
        self.feeds[process] = self.fresh_feed()

    @rule()
    def restore_a_backup(self) -> None:
        """The room gets a new epoch while nobody is connected."""
        for who in range(len(self.screens)):
            self.cut(who)
        Room.objects.filter(pk=self.room.pk).update(epoch=uuid.uuid4())
        for process in range(len(self.feeds)):
            self.crash(process)

    # ── the end ──────────────────────────────────────────────────────────────────────────────────

    def teardown(self) -> None:
        try:
            self.come_to_rest()
            self.compare()
        finally:
            events.stop_publishing()
            self.hush()

    def come_to_rest(self) -> None:
        head = Room.objects.get(pk=self.room.pk).head
        for _ in range(60):
            for process in (0, 1):
                self.heartbeat(process, 0.1)
                self.connect(process, process)
            self.connect(2, 0)
            while self.asked or self.answers:
                self.database_reads(0)
                self.database_answers(0)
            for who in range(3):
                self.receive(who, 1_000)
                self.confirm(who)
            if all(screen.timeline.cursor == head and screen.timeline.settled for screen in self.screens):
                return

    def compare(self) -> None:
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
        place = judge.Room(self.room.pk, Room.objects.get(pk=self.room.pk).head, rows, self.noted, [])
        found = []
        for screen in self.screens:
            diary = screen.diary()
            if screen.timeline.cursor != place.head:
                found.append(f"{screen.name} stays at {screen.timeline.cursor} of {place.head}")
            found += [f"{screen.name} {line}" for line in judge.in_order(place, diary)]
            found += [f"{screen.name} {line}" for line in judge.same_list(place, diary)]
        assert found == []

    def hush(self) -> None:
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        self.spin()
        self.loop.close()


class Spawner:
    """What a line needs of its process."""

    def __init__(self, machine: FeedAndTimeline) -> None:
        self.machine = machine

    def spawn(self, work) -> None:
        self.machine.loop.create_task(work)


@pytest.fixture
def machine(monkeypatch):
    """The class of a walk, with small limits, its own database requests and its own clock."""
    for (module, name), value in SMALL.items():
        monkeypatch.setattr(module, name, value)

    class Machine(FeedAndTimeline):
        def __init__(self) -> None:
            super().__init__()
            monkeypatch.setattr(database, "run", self.database)
            monkeypatch.setattr(feed, "monotonic", lambda: self.now)

    return Machine


@pytest.mark.django_db(transaction=True)
def test_a_reader_ahead_of_the_feed_is_not_forgotten_when_the_feed_runs_past(machine):
    walk = machine()
    walk.post(many=1)
    walk.a_hint_is_lost(process=0, which=0)
    walk.connect(process=0, who=0)
    walk.database_reads(which=0)
    walk.post(many=3)
    walk.hints_arrive(many=1, process=0)
    walk.change(kind="edit", which=0)
    walk.a_hint_arrives_out_of_turn_or_twice(keep=False, process=0, which=0)
    walk.teardown()


@pytest.mark.django_db(transaction=True)
def test_every_screen_ends_with_the_databases_list_whatever_the_layer_and_the_network_do(stack, machine):
    if stack.full:
        pytest.skip("once is enough: on the embedded stack")
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
