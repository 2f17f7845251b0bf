"""The feed of one room in one process: the room's only group member here, and the source of all its sockets.

A feed has a cursor. A hint that continues at the cursor is forwarded, a hint behind it is dropped, and for
anything else the feed reads the database. The heartbeat tells it the room's head once a second. So nothing
that the channel layer loses, repeats or reorders is lost, repeated or out of order on a screen.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Sequence
from time import monotonic

from chat import frames
from chat.models import Message, Room

from .. import database
from .broadcast import Broadcast
from .reader import People, Reader
from .recent import Change

READ_AT_ONCE = 500  # changes

logger = logging.getLogger(__name__)


class Feed:
    def __init__(self, room: Room) -> None:
        self.room_id = room.pk
        self.epoch = str(room.epoch)
        self.room = frames.room_state(room)  # as the readers were told
        self.cursor = room.head  # rev of the last change received
        self.broadcast = Broadcast(room.head)
        self.seen_at = 0.0  # monotonic seconds
        self.idle_since = monotonic()
        self.dropped = False  # the process feeds this feed no more
        self._heard = room.head  # the highest head that the layer or the database told of
        self._members: set[Reader] = set()  # all sockets, also those that catch up
        self._reading: asyncio.Task[None] | None = None

    @property
    def forwarded(self) -> int:
        """rev of the last change that was sent to the readers."""
        return self.broadcast.sent

    @property
    def people(self) -> People:
        """The people who are here, as the readers were told."""
        return self.broadcast.people

    @people.setter
    def people(self, people: People) -> None:
        self.broadcast.people = people

    # ── from the layer, the database and the heartbeat ───────────────────────────────────────────

    def hint(self, first: int, events: Sequence[str]) -> None:
        """Changes first, first + 1, … as the layer brought them: late, twice, or not the next ones."""
        last = first + len(events) - 1
        if first <= self.cursor + 1 <= last and not self._reading:
            known = self.cursor + 1 - first
            self._receive([Change(first + i, events[i]) for i in range(known, len(events))], last)
        else:
            self.heard(last)

    def heard(self, head: int) -> None:
        """The room's head is at least this: read what is missing."""
        self._heard = max(self._heard, head)
        if self._heard > self.cursor and not self._reading:
            self._reading = asyncio.ensure_future(self._read())

    async def _read(self) -> None:
        """Never raises. The next heartbeat has it tried again."""
        try:
            while self._heard > self.cursor:
                changes = await database.run(database.ARRIVALS, changed_since, self.room_id, self.cursor)
                # Nothing there though the head says so: rows were removed for good.
                self._receive(changes, changes[-1].rev if changes else self._heard)
        except database.AWAY as error:
            logger.warning("Room %d could not be read: %s", self.room_id, str(error).strip())
        except Exception:
            logger.exception("Room %d could not be read", self.room_id)
        finally:
            self._reading = None

    def _receive(self, changes: list[Change], last: int) -> None:
        self.cursor = last
        self.broadcast.put(changes, last)

    def announce(self, *events: str) -> None:
        """Forward encoded events that have no number: joins, leaves, typing."""
        self.broadcast.announce(*events)

    def renew(self, room: frames.RoomState) -> None:
        """The room's row says this now. A difference is announced."""
        if room != self.room:
            before, self.room = self.room, room
            self.announce(frames.encode(frames.moved(before, room)))

    def rename(self, users: People) -> None:
        """Announce these people's names, where they are here."""
        here = {id: user for id, user in users.items() if self.people.get(id, user).name != user.name}
        if here:
            self.broadcast.see(self.people | here)

    def see(self, people: People) -> None:
        """The people who are here now. The difference to the last look is announced."""
        self.seen_at = monotonic()
        self.broadcast.see(people)

    # ── sockets ──────────────────────────────────────────────────────────────────────────────────

    def join(self, reader: Reader) -> None:
        """Count a socket as a member. It gets nothing before it enters."""
        self._members.add(reader)

    async def reached(self, cursor: int) -> None:
        """Wait until the changes up to `cursor` were forwarded, or the feed is dropped."""
        while self.forwarded < cursor and not self.dropped:
            self.heard(cursor)
            await self.broadcast.reached(cursor)

    def enter(self, reader: Reader, cursor: int, people: People) -> bool:
        """Add a socket to the broadcast that has the changes up to `cursor` and was told of `people`.

        False: the feed does not remember all that the socket missed. Catch up from the database first.
        """
        if self.dropped:
            reader.end(frames.CLOSE_RESTART)
            return True
        return self.broadcast.add(reader, cursor, people)

    def leave(self, reader: Reader) -> None:
        self.broadcast.remove(reader)
        self._members.discard(reader)
        self.idle_since = monotonic()

    def drop(self) -> None:
        """Close all sockets, and those that are about to enter. Their clients reconnect to another feed."""
        self.dropped = True
        for reader in self:
            reader.end(frames.CLOSE_RESTART)
        self.broadcast.wake(2**63)

    def is_idle(self, seconds: float) -> bool:
        return not self._members and monotonic() - self.idle_since > seconds

    def __iter__(self) -> Iterator[Reader]:
        return iter(list(self._members))


def changed_since(room_id: int, cursor: int) -> list[Change]:
    """The next changes of a room after `cursor`, at most READ_AT_ONCE. Superseded ones are left out."""
    found = Message.objects.filter(room=room_id).changed_since(cursor)[:READ_AT_ONCE]
    return [Change(message.rev, frames.encode(frames.message(message))) for message in found]
