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
from chat.live import database
from chat.live.access.identity import Identity
from chat.live.connection import Frame
from chat.live.feeds import broadcast, feed, recent
from chat.live.sockets import catch_up, room
from chat.models import Message, Room, User
from tests.chaos import judge
from tests.chaos.ledger import Noted, Row
from tests.chaos.timeline import TURNED, Timeline

EXAMPLES = 300
STEPS = 25
SPINS = 8  # turns of the event loop after each step: enough for everything that waits for nobody
CONGESTED = 1  # frames in the pipe
SMALL = {
    (recent, "REMEMBERED"): 1_500,
    (feed, "READ_AT_ONCE"): 3,
    (broadcast, "LONGEST_PAUSE"): 0.0,
    (frames, "SENT_CHARACTERS"): 1_200,
    (catch_up, "PAGE"): 3,
    (catch_up, "FAR_BEHIND"): 6,
    (catch_up, "PIECE"): 1_500,
    (room, "FAR_BEHIND"): 6,
    (room, "CATCH_UP"): 4_000,
}

names = count()
pick = st.integers(0, 1_000_000)


class Pipe:
    """A connection. A frame lies in it until the network brings it; too many of them are a congestion."""

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

    def bring(self, many: int) -> list[str]:
        arrived, self.texts[:] = self.texts[:many], self.texts[many:]
        return arrived

    def maybe_drained(self) -> None:
        """To be called on the loop."""
        if not self.texts and self.drain:
            self.drain.set_result(None)
            self.drain = None

    def lose(self) -> None:
        if self.drain:
            self.drain.set_result(None)
            self.drain = None

    async def drained(self) -> None:
        while self.drain:
            await self.drain


class Line(room.RoomSocket):
    """A room's socket, without the questions who it is and whether it may stay."""

    def __init__(self, home: feed.Feed) -> None:
        super().__init__()
        self.home = home  # the process at the other end
        self.connection = self.pipe = Pipe()
        self._events: list[str] = []

    def end(self, code: int) -> None:
        self.flush()
        self.closed = True
        self.pipe.lose()
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
            elif kind == "reset":
                self.timeline.turn_page(event["head"])
                self.applied.append((0.0, 0, event["head"], TURNED))
            elif kind == "synced":
                self.timeline.synced(event["head"])

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

    @rule(process=st.integers(0, 1))
    def heartbeat(self, process: int) -> None:
        self.on_loop(self.feeds[process].read_up_to, Room.objects.get(pk=self.room.pk).head)

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

    @rule(process=st.integers(0, 1), who=st.integers(0, 2))
    def a_quiet_moment(self, process: int, who: int) -> None:
        """Somebody is there, and the database and the layer do all they have to. The screens may be slow."""
        self.connect(who, process)
        while self.asked or self.answers:
            self.database_reads(0)
            self.database_answers(0)
        self.hints_arrive(process, len(self.hints[process]))

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
            for text in screen.line.pipe.bring(many):
                self.on_loop(screen.see, text)
            self.on_loop(screen.line.pipe.maybe_drained)

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
                self.heartbeat(process)
                self.connect(process, process)
            self.connect(2, 0)
            while self.asked or self.answers:
                self.database_reads(0)
                self.database_answers(0)
            for who in range(3):
                self.receive(who, 1_000)
            if all(screen.timeline.cursor == head and screen.timeline.is_synced for screen in self.screens):
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
            if screen.timeline.cursor != place.head or not screen.timeline.is_synced:
                found.append(f"{screen.name} stays at {screen.timeline.cursor} of {place.head}")
            found += [f"{screen.name} {line}" for line in judge.in_order(place, diary)]
            found += [f"{screen.name} {line}" for line in judge.same_list(place, diary)]
        assert found == []

    def hush(self) -> None:
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        self.spin()
        self.loop.close()


class Unlimited:
    def spend_catch_up(self, user_id: int, ip: str) -> None:
        pass


class Spawner:
    """What a line needs of its process."""

    limits = Unlimited()

    def __init__(self, machine: FeedAndTimeline) -> None:
        self.machine = machine

    def spawn(self, work) -> None:
        self.machine.loop.create_task(work)


@pytest.fixture
def machine(monkeypatch):
    """The class of a walk, with small limits, its own database requests."""
    for (module, name), value in SMALL.items():
        monkeypatch.setattr(module, name, value)

    class Machine(FeedAndTimeline):
        def __init__(self) -> None:
            super().__init__()
            monkeypatch.setattr(database, "run", self.database)

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
def test_a_congested_reader_goes_on_from_the_database_and_misses_nothing(machine):
    walk = machine()
    walk.connect(process=0, who=0)
    walk.database_reads(0)
    walk.database_answers(0)
    for number in range(4):
        walk.post(many=2)
        walk.hints_arrive(process=0, many=1)
        walk.change(which=number, kind="edit")
        walk.hints_arrive(process=0, many=1)
    line = walk.screens[0].line
    assert line.cursor is not None and line.pipe.is_congested
    assert len(line.pipe.texts) <= 3
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
