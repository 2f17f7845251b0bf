"""The broadcast of one room: it sends changes and ephemeral events, in order, to every up-to-date reader.

The first change is sent at once. Changes that arrive during a pass and the pause after it share the next
pass. Ephemeral events have no number and are not stored: joins, leaves, typing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Sequence
from contextlib import suppress
from time import perf_counter

from chat import frames

from ..connection import Frame
from .people import People, people_changes
from .reader import Reader
from .recent import Change, Recent

PAUSE = 1.0  # times the duration of a pass, so fan-out never takes more than half of the process
LONGEST_PAUSE = 0.016  # seconds

logger = logging.getLogger(__name__)


class Broadcast:
    def __init__(self, head: int) -> None:
        self.recent = Recent(head)  # the changes that were sent
        self.people: People = {}  # as announced to the readers, or about to be
        # As of the last pass, while events about newer people are queued.
        self._people_sent: People | None = None
        self._readers: dict[Reader, None] = {}  # in the order in which they were added
        self._cursor = head  # rev of the last queued change
        self._changes: list[Change] = []  # queued
        self._ephemeral: list[str] = []  # queued: encoded events
        self._waiting: list[tuple[int, asyncio.Future[None]]] = []  # (cursor, done when it is sent)
        self._pausing = False

    @property
    def sent(self) -> int:
        """rev of the last change that was sent."""
        return self.recent.last

    def put(self, changes: Sequence[Change], last: int) -> None:
        """Send the changes in (cursor, last], in order."""
        self._changes += changes
        self._cursor = last
        self._send_soon()

    def announce(self, *events: str) -> None:
        """Send encoded ephemeral events."""
        self._ephemeral += events
        self._send_soon()

    def update_people(self, people: People) -> None:
        """Announce the difference between these people and the last ones."""
        before, self.people = self.people, people
        if changes := people_changes(before, people):
            if self._people_sent is None:
                self._people_sent = before
            self.announce(*map(frames.encode, changes))

    # ── passes ───────────────────────────────────────────────────────────────────────────────────

    def _send_soon(self) -> None:
        if not self._pausing:
            self._send()

    def _send(self) -> None:
        started, self._pausing = perf_counter(), True
        try:
            self._pass()
        finally:
            pause = min((perf_counter() - started) * PAUSE, LONGEST_PAUSE)
            asyncio.get_running_loop().call_later(pause, self._resume)

    def _pass(self) -> None:
        changes, self._changes = self._changes, []
        ephemeral, self._ephemeral = self._ephemeral, []
        known, self._people_sent = self.people if self._people_sent is None else self._people_sent, None
        for frame, cursor in pack(changes, ephemeral, self.sent):
            for reader in self._deliver(frame):
                reader.fall_behind(cursor, known)  # events about newer people are in the last frame
        self.recent.add(changes, self._cursor)
        self.wake(self.sent)

    def _resume(self) -> None:
        self._pausing = False
        if self._changes or self._ephemeral:
            self._send()

    def _deliver(self, frame: Frame) -> list[Reader]:
        """Send a frame to all readers. Removes and returns those that are congested now."""
        congested, failed = [], []
        for reader in list(self._readers):
            try:
                if not reader.deliver(frame):
                    congested.append(reader)
            except Exception:  # a failure of one client must not affect the others
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
        """Wait until the changes up to `cursor` are sent, or `wake` is called for another reason."""
        if self.sent < cursor:
            waiting = asyncio.get_running_loop().create_future()
            self._waiting.append((cursor, waiting))
            await waiting

    def wake(self, cursor: int) -> None:
        """Resume the callers of `reached` that wait for a cursor up to this one."""
        waiting, self._waiting = self._waiting, []
        for awaited, future in waiting:
            if awaited > cursor:
                self._waiting.append((awaited, future))
            elif not future.done():  # done if the waiting task was cancelled
                future.set_result(None)

    def add(self, reader: Reader, cursor: int, people: People) -> bool:
        """Add a reader that has the changes up to `cursor` and this list of people, and send the rest.

        Returns False if not all missing changes are remembered. Then they must be read from the database.
        """
        missed = self.recent.since(cursor)
        if missed is None:
            return False
        for text in frames.pack(missed):
            reader.deliver(Frame(text))
        reader.send_events(*people_changes(people, self.people), frames.Synced(head=self.sent))
        self._readers[reader] = None
        return True

    def remove(self, reader: Reader) -> None:
        self._readers.pop(reader, None)


def pack(changes: Sequence[Change], ephemeral: Sequence[str], cursor: int) -> Iterator[tuple[Frame, int]]:
    """Frames of changes and then of ephemeral events, each with the cursor of a client that received it.

    `cursor` is that of a client before the first frame.
    """
    done = 0
    for run in frames.chunks([change.text for change in changes] + [*ephemeral], frames.SENT_CHARACTERS):
        done += len(run)
        if changes:
            cursor = changes[min(done, len(changes)) - 1].rev
        yield Frame(frames.array(run)), cursor
