"""The feed of one room in one process: the room's only group member here, and the source of all its sockets.

It has a cursor. A hint that goes on where the cursor stands is forwarded, one that lies behind is dropped,
anything else is read from the database; and a heartbeat tells it the room's head once a second, so nothing
that the channel layer loses, repeats or reorders is ever lost, doubled or out of order on a screen.
"""

from __future__ import annotations

import asyncio
import logging
from bisect import bisect_right
from collections import deque
from collections.abc import Iterator, Sequence
from time import monotonic, perf_counter
from typing import TYPE_CHECKING, NamedTuple

from chat import frames
from chat.models import Message, Room
from chat.refusals import Refusal

from . import database, sending

if TYPE_CHECKING:
    from .room import RoomSocket

PAUSE = 1.0  # times the cost of a pass: so the fan-out never takes more than half of the process
LONGEST_PAUSE = 0.016  # seconds
UNCONFIRMED = 256 * 1024  # characters sent to a socket that it has not confirmed: more of them, and
UNCONFIRMED_FOR = 2.0  # seconds since the first of them, and it lags; healthy clients confirm once a second
UNCONFIRMED_AT_ALL = 4 * 1024 * 1024  # characters; beyond them it lags at once
SILENT_FOR = 60.0  # seconds without progress while anything is unconfirmed, then the socket is closed
REMEMBERED = 128 * 1024  # characters of forwarded changes kept for those who come back
READ_AT_ONCE = 500  # changes

logger = logging.getLogger(__name__)


class Change(NamedTuple):
    rev: int
    text: str  # the encoded event


class Pass(NamedTuple):
    """One fan-out: what it reached, and what had been sent in all by then."""

    rev: int
    total: int  # characters
    at: float  # monotonic seconds


class Lag(NamedTuple):
    sent: int  # rev of the last change that was sent
    total: int  # characters sent in all by then
    confirmed: int  # characters
    since: float  # monotonic seconds, of the last progress


class Feed:
    def __init__(self, room: Room) -> None:
        self.room_id = room.pk
        self.epoch = str(room.epoch)
        self.cursor = room.head  # rev of the last change received
        self.forwarded = room.head  # rev of the last change sent to the sockets
        self._heard = room.head  # the highest head that anybody told of
        self.people: dict[int, frames.User] = {}  # as the sockets were told
        self.seen_at = 0.0  # monotonic seconds
        self.idle_since = monotonic()
        self.dropped = False  # nobody tells this feed anything any more
        self._waiting: dict[RoomSocket, int] = {}  # ahead of us, with the cursors at which they enter
        self._sockets: dict[RoomSocket, int] = {}  # with the total that each has confirmed
        self._lagging: dict[RoomSocket, Lag] = {}
        self._changes: list[Change] = []  # received, not yet forwarded
        self._news: list[str] = []  # encoded events without a number, not yet forwarded
        self._recent: deque[Change] = deque()  # forwarded, from `_floor` (excluded) to `forwarded`
        self._recent_size = 0
        self._floor = room.head
        self._passes: list[Pass] = []
        self._total = 0
        self._pausing = False
        self._reading: asyncio.Task[None] | None = None

    # ── what the layer and the heartbeat say ─────────────────────────────────────────────────────

    def hint(self, first: int, events: Sequence[str]) -> None:
        """Changes first, first + 1, … as the layer brought them: late, twice, or not the next ones."""
        last = first + len(events) - 1
        if first <= self.cursor + 1 <= last and not self._reading:
            known = self.cursor + 1 - first
            self._receive([Change(first + i, events[i]) for i in range(known, len(events))], last)
        else:
            self.heard(last)

    def heard(self, head: int) -> None:
        """The room's head is known to be at least this: read what is missing."""
        self._heard = max(self._heard, head)
        if self._heard > self.cursor and not self._reading:
            self._reading = asyncio.ensure_future(self._read())

    def announce(self, *events: str) -> None:
        """Forward encoded events that have no number: who came and went, who is writing."""
        self._news += events
        self._forward_soon()

    async def _read(self) -> None:
        try:
            while self._heard > self.cursor:
                changes = await database.run(database.ARRIVALS, changed_since, self.room_id, self.cursor)
                # Nothing there though the head says so: rows were removed for good.
                self._receive(changes, changes[-1].rev if changes else self._heard)
        except database.AWAY as error:
            logger.warning("Room %d could not be read: %s", self.room_id, str(error).strip())
        finally:
            self._reading = None

    def _receive(self, changes: list[Change], last: int) -> None:
        self._changes += changes
        self.cursor = last
        self._forward_soon()

    # ── fan-out ──────────────────────────────────────────────────────────────────────────────────

    def _forward_soon(self) -> None:
        """The first change leaves at once; what arrives during a pass and its pause leaves together."""
        if not self._pausing:
            self._forward()

    def _forward(self) -> None:
        changes, self._changes = self._changes, []
        news, self._news = self._news, []
        started = perf_counter()
        self._send(sending.shared(frames.pack([change.text for change in changes] + news)))
        self._remember(changes)
        self._let_in()
        self._pausing = True
        pause = min((perf_counter() - started) * PAUSE, LONGEST_PAUSE)
        asyncio.get_running_loop().call_later(pause, self._go_on)

    def _go_on(self) -> None:
        self._pausing = False
        if self._changes or self._news:
            self._forward()

    def _send(self, messages: list[sending.Message]) -> None:
        slow = []
        for socket, confirmed in self._sockets.items():
            if self._total - confirmed > UNCONFIRMED_AT_ALL:
                slow.append(socket)
            else:
                socket.deliver(messages)
        for socket in slow:
            self._lag(socket)

    def _remember(self, changes: list[Change]) -> None:
        self.forwarded = self.cursor
        if not changes:
            return
        size = sum(len(change.text) for change in changes)
        self._total += size
        self._passes.append(Pass(self.forwarded, self._total, monotonic()))
        self._recent.extend(changes)
        self._recent_size += size
        while self._recent_size > REMEMBERED and len(self._recent) > 1:
            oldest = self._recent.popleft()
            self._recent_size -= len(oldest.text)
            self._floor = oldest.rev

    # ── people ───────────────────────────────────────────────────────────────────────────────────

    def see(self, people: dict[int, frames.User]) -> None:
        """Who is here now: tell of those who came and went since the last look."""
        came = [frames.Joined(user=user) for id, user in people.items() if id not in self.people]
        went = [frames.Left(user=user) for id, user in self.people.items() if id not in people]
        self.people, self.seen_at = people, monotonic()
        if came or went:
            self.announce(*map(frames.encode, [*came, *went]))

    # ── sockets ──────────────────────────────────────────────────────────────────────────────────

    def since(self, cursor: int) -> list[str] | None:
        """Encoded changes in (cursor, forwarded], or None when they have to be read from the database."""
        if not self._floor <= cursor <= self.forwarded:
            return None
        return [change.text for change in self._recent if change.rev > cursor]

    def enter(self, socket: RoomSocket, cursor: int) -> bool:
        """Let in a socket that has everything up to `cursor`. False: that is too long ago, read again."""
        if self.dropped:
            socket.end(frames.CLOSE_RESTART)
            return True
        if cursor > self.forwarded:
            self._waiting[socket] = cursor
            self.heard(cursor)
            return True
        missed = self.since(cursor)
        if missed is None:
            return False
        if missed:
            socket.deliver(sending.shared(frames.pack(missed)))
        self._sockets[socket] = self._total
        return True

    def leave(self, socket: RoomSocket) -> None:
        for sockets in (self._sockets, self._waiting, self._lagging):
            sockets.pop(socket, None)
        self.idle_since = monotonic()

    def _let_in(self) -> None:
        for socket in [socket for socket, cursor in self._waiting.items() if cursor <= self.forwarded]:
            cursor = self._waiting.pop(socket)
            if not self.enter(socket, cursor):
                socket.come_back(cursor)

    def is_idle(self, seconds: float) -> bool:
        return not list(self) and monotonic() - self.idle_since > seconds

    def __iter__(self) -> Iterator[RoomSocket]:
        return iter([*self._sockets, *self._waiting, *self._lagging])

    # ── flow control ─────────────────────────────────────────────────────────────────────────────

    def got(self, socket: RoomSocket, head: int) -> int | None:
        """A socket confirms. If it lagged and has caught up with most: the cursor to go on from."""
        reached = bisect_right(self._passes, head, key=lambda sent: sent.rev)
        total = self._passes[reached - 1].total if reached else 0
        if socket in self._sockets:
            self._sockets[socket] = max(self._sockets[socket], total)
        elif lag := self._lagging.get(socket):
            if lag.total - total < UNCONFIRMED // 2:
                del self._lagging[socket]
                return lag.sent
            if total > lag.confirmed:
                self._lagging[socket] = lag._replace(confirmed=total, since=monotonic())
        return None

    def tick(self) -> None:
        """Once a second: who confirms too little is skipped, and who confirms nothing is at last closed."""
        now = monotonic()
        for socket, confirmed in list(self._sockets.items()):
            if confirmed < self._total:
                oldest = self._passes[bisect_right(self._passes, confirmed, key=lambda sent: sent.total)]
                if now - oldest.at > SILENT_FOR:
                    socket.refuse(Refusal("lagging"))
                elif now - oldest.at > UNCONFIRMED_FOR and self._total - confirmed > UNCONFIRMED:
                    self._lag(socket)
        for socket, lag in list(self._lagging.items()):
            if now - lag.since > SILENT_FOR:
                socket.refuse(Refusal("lagging"))
        self._forget_passes()

    def _lag(self, socket: RoomSocket) -> None:
        confirmed = self._sockets.pop(socket)
        self._lagging[socket] = Lag(self.forwarded, self._total, confirmed, since=monotonic())

    def _forget_passes(self) -> None:
        """What everybody has confirmed need not be known any more."""
        least = min(
            [self._total, *self._sockets.values(), *(lag.confirmed for lag in self._lagging.values())]
        )
        del self._passes[: bisect_right(self._passes, least, key=lambda sent: sent.total)]


def changed_since(room_id: int, cursor: int) -> list[Change]:
    """The next changes of a room after `cursor`, at most READ_AT_ONCE. What was superseded is left out."""
    found = Message.objects.filter(room=room_id).changed_since(cursor)[:READ_AT_ONCE]
    return [Change(message.rev, frames.encode(frames.message(message))) for message in found]
