"""The feed of one room in one process: it puts the room's changes in order and passes them to the broadcast.

A feed has a cursor. It forwards a hint that continues at the cursor, drops an older one, and otherwise reads
the database. The heartbeat passes it the room's head once a second. So a change that the channel layer loses,
repeats or reorders still reaches every client once and in order.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Sequence
from time import monotonic

from chat import frames
from chat.models import Room
from chat.refusals import Refusal

from .. import database
from .broadcast import Broadcast
from .people import People, with_names
from .presence_rows import Seen
from .reader import Reader
from .recent import Change, changed_since

logger = logging.getLogger(__name__)


class Feed:
    def __init__(self, room: Room) -> None:
        self.room_id = room.pk
        self.epoch = str(room.epoch)
        self.room = frames.room_state(room)  # as announced to the readers
        self.access = access_of(room)  # at the last comparison
        self.cursor = room.head  # rev of the last received change
        self.broadcast = Broadcast(room.head)
        self.people_updated_at = 0.0  # monotonic seconds
        self.presence_seen: Seen | None = None  # the rows from which `people` were read
        self.idle_since = monotonic()
        self.dropped = False  # it gets no more changes
        self._known_head = room.head  # the highest head that the layer or the database reported
        self._members: set[Reader] = set()  # all sockets, also those that catch up
        self._reading: asyncio.Task[None] | None = None

    @property
    def forwarded(self) -> int:
        """rev of the last change that was sent to the readers."""
        return self.broadcast.sent

    @property
    def people(self) -> People:
        """The people in the room, as announced to the readers."""
        return self.broadcast.people

    @people.setter
    def people(self, people: People) -> None:
        self.broadcast.people = people

    # ── from the layer, the database and the heartbeat ───────────────────────────────────────────

    def hint(self, first: int, events: Sequence[str]) -> None:
        """Receive the changes first, first + 1, … from the layer: late, repeated, or after a gap."""
        last = first + len(events) - 1
        if first <= self.cursor + 1 <= last and not self._reading:
            known = self.cursor + 1 - first
            self._receive([Change(first + i, events[i]) for i in range(known, len(events))], last)
        else:
            self.read_up_to(last)

    def read_up_to(self, head: int) -> None:
        """Read missing changes from the database. The room's head is at least `head`."""
        self._known_head = max(self._known_head, head)
        if self._known_head > self.cursor and not self._reading:
            self._reading = asyncio.ensure_future(self._read())

    async def _read(self) -> None:
        """Never raises. After a failure the next heartbeat tries again."""
        try:
            while self._known_head > self.cursor:
                changes = await database.run(database.READERS, changed_since, self.room_id, self.cursor)
                # No rows below a higher head: they were deleted from the database.
                self._receive(changes, changes[-1].rev if changes else self._known_head)
        except database.UNAVAILABLE as error:
            logger.warning("Room %d could not be read: %s", self.room_id, str(error).strip())
        except Exception:
            logger.exception("Room %d could not be read", self.room_id)
        finally:
            self._reading = None

    def _receive(self, changes: list[Change], last: int) -> None:
        self.cursor = last
        self.broadcast.put(changes, last)

    def announce(self, *events: str) -> None:
        """Forward encoded ephemeral events: joins, leaves, typing."""
        self.broadcast.announce(*events)

    def update_room(self, room: frames.RoomState) -> None:
        """Announce the room's current state if it differs from the last announcement."""
        if room != self.room:
            before, self.room = self.room, room
            self.announce(frames.encode(frames.room_change(before, room)))

    def rename(self, users: People) -> None:
        """Announce the current names and pictures of these users, if they are in the room."""
        if (people := with_names(self.people, users)) is not self.people:
            self.broadcast.update_people(people)

    def update_people(self, people: People) -> None:
        """Announce the difference between these people and the last ones."""
        self.people_updated_at = monotonic()
        self.broadcast.update_people(people)

    # ── sockets ──────────────────────────────────────────────────────────────────────────────────

    def join(self, reader: Reader) -> None:
        """Count a socket as a member. It receives nothing before `enter`."""
        self._members.add(reader)

    async def reached(self, cursor: int) -> None:
        """Wait until the changes up to `cursor` are forwarded, or the feed is dropped."""
        while self.forwarded < cursor and not self.dropped:
            self.read_up_to(cursor)
            await self.broadcast.reached(cursor)

    def enter(self, reader: Reader, cursor: int, people: People) -> bool:
        """Add a socket to the broadcast. Its client has the changes up to `cursor` and this list of people.

        Returns False if the feed does not remember all missing changes. Then the socket must catch up from
        the database first.
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
        """Close all sockets, also those that are about to enter. Their clients reconnect to a new feed."""
        self.dropped = True
        for reader in self:
            reader.end(frames.CLOSE_RESTART)
        self.broadcast.wake(2**63)

    def vanish(self) -> None:
        """The room was deleted: tell all sockets, and close them."""
        self.dropped = True
        for reader in self:
            reader.send_events(frames.gone(self.room.slug))
            reader.refuse(Refusal("no_room"))
        self.broadcast.wake(2**63)

    def is_idle(self, seconds: float) -> bool:
        return not self._members and monotonic() - self.idle_since > seconds

    def __iter__(self) -> Iterator[Reader]:
        return iter(list(self._members))


def access_of(room: Room) -> tuple[str, int]:
    """The columns on which the access of the room's sockets depends."""
    return room.kind, room.decisions
