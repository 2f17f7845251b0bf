"""The broadcast of one room: changes and news, in order, to every reader that is up to date.

The first change leaves at once. Changes that arrive during a pass and the pause after it leave together.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Sequence
from contextlib import suppress
from time import perf_counter

from chat import frames

from ..connection import Frame
from .reader import People, Reader
from .recent import Change, Recent

PAUSE = 1.0  # times the cost of a pass, so the fan-out never takes more than half of the process
LONGEST_PAUSE = 0.016  # seconds

logger = logging.getLogger(__name__)


class Broadcast:
    def __init__(self, head: int) -> None:
        self.recent = Recent(head)  # the changes that were sent
        self.people: People = {}  # as the readers were told
        self._readers: dict[Reader, None] = {}  # in the order in which they came
        self._cursor = head  # rev of the last change that was put
        self._changes: list[Change] = []  # to be sent
        self._news: list[str] = []  # to be sent: encoded events without a number
        self._waiting: list[tuple[int, asyncio.Future[None]]] = []  # for `sent` to reach a cursor
        self._pausing = False

    @property
    def sent(self) -> int:
        """rev of the last change that was sent."""
        return self.recent.last

    def put(self, changes: Sequence[Change], last: int) -> None:
        """Send changes in (cursor, last], in order."""
        self._changes += changes
        self._cursor = last
        self._send_soon()

    def announce(self, *events: str) -> None:
        """Send encoded events that have no number."""
        self._news += events
        self._send_soon()

    def see(self, people: People) -> None:
        """Announce the difference between the people who are here now and those of the last look."""
        told, self.people = self.people, people
        if moves := moves_between(told, people):
            self.announce(*map(frames.encode, moves))

    # ── passes ───────────────────────────────────────────────────────────────────────────────────

    def _send_soon(self) -> None:
        if not self._pausing:
            self._send()

    def _send(self) -> None:
        changes, self._changes = self._changes, []
        news, self._news = self._news, []
        started = perf_counter()
        for frame, cursor in pack(changes, news, self.sent):
            for reader in self._deliver(frame):
                reader.fall_behind(cursor, self.people)
        self.recent.add(changes, self._cursor)
        self.wake(self.sent)
        self._pausing = True
        pause = min((perf_counter() - started) * PAUSE, LONGEST_PAUSE)
        asyncio.get_running_loop().call_later(pause, self._go_on)

    def _go_on(self) -> None:
        self._pausing = False
        if self._changes or self._news:
            self._send()

    def _deliver(self, frame: Frame) -> list[Reader]:
        """Returns the readers that have too much unsent data now. They are readers no more."""
        congested, failed = [], []
        for reader in list(self._readers):
            try:
                if not reader.deliver(frame):
                    congested.append(reader)
            except Exception:  # one client's trouble must not become the others'
                logger.exception("A frame was not delivered to a client; its socket is closed")
                failed.append(reader)
        for reader in (*congested, *failed):
            self.remove(reader)
        for reader in failed:
            with suppress(Exception):
                reader.end(frames.CLOSE_RESTART)  # the client reconnects with its cursor
        return congested

    # ── readers ──────────────────────────────────────────────────────────────────────────────────

    async def reached(self, cursor: int) -> None:
        """Wait until the changes up to `cursor` were sent, or `wake` is called for another reason."""
        if self.sent < cursor:
            waiting = asyncio.get_running_loop().create_future()
            self._waiting.append((cursor, waiting))
            await waiting

    def wake(self, cursor: int) -> None:
        """Let those go on that wait for `cursor`."""
        waiting, self._waiting = self._waiting, []
        for wanted, future in waiting:
            if wanted > cursor:
                self._waiting.append((wanted, future))
            elif not future.done():  # it is when the waiting task was cancelled
                future.set_result(None)

    def add(self, reader: Reader, cursor: int, people: People) -> bool:
        """Add a reader that has the changes up to `cursor` and was told of `people`.

        It is sent what it missed. False: not all of that is remembered, so it has to be read first.
        """
        missed = self.recent.since(cursor)
        if missed is None:
            return False
        for text in frames.pack(missed):
            reader.deliver(Frame(text))
        reader.tell(*moves_between(people, self.people), frames.Synced(head=self.sent))
        self._readers[reader] = None
        return True

    def remove(self, reader: Reader) -> None:
        self._readers.pop(reader, None)


def pack(changes: Sequence[Change], news: Sequence[str], cursor: int) -> Iterator[tuple[Frame, int]]:
    """Changes, then news, as frames; with each the cursor of a client that has it. `cursor`: before them."""
    done = 0
    for run in frames.chunks([change.text for change in changes] + [*news], frames.SENT_CHARACTERS):
        done += len(run)
        if changes:
            cursor = changes[min(done, len(changes)) - 1].rev
        yield Frame(frames.array(run)), cursor


def moves_between(told: People, now: People) -> list[frames.Joined | frames.Left | frames.Renamed]:
    joined = [frames.Joined(user=user) for id, user in now.items() if id not in told]
    left = [frames.Left(user=user) for id, user in told.items() if id not in now]
    renamed = [
        frames.Renamed(user=user) for id, user in now.items() if id in told and told[id].name != user.name
    ]
    return [*joined, *left, *renamed]
