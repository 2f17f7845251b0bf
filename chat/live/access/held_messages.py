"""Messages that wait for approval. The author's sockets are told when one was refused, and when the author
has read that, perhaps on another device.

The event `revoke` triggers the check at once, and the heartbeat makes up for a lost one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Protocol

from django.db.models import Q

from chat import frames
from chat.models import HeldMessage

from .. import database

MAX_TOLD = 50  # at a `hello`: refused ones whose answer the author never read could be many


class Socket(Protocol):
    def send_events(self, *events: frames.Event) -> None:
        """Send events."""


class HeldMessages:
    def __init__(self) -> None:
        # By the id of the held message: those that wait, and refused ones that the author has not read.
        self._waiting: defaultdict[int, set[Socket]] = defaultdict(set)
        self._unread: defaultdict[int, set[Socket]] = defaultdict(set)
        self._by_socket: defaultdict[Socket, set[int]] = defaultdict(set)

    def tell(self, socket: Socket, rows: Iterable[HeldMessage]) -> None:
        """Send held messages to a socket of their author, and later what becomes of them."""
        for row in rows:
            socket.send_events(frames.held(row))
            if row.told_at is None:
                (self._unread if row.decided_at else self._waiting)[row.pk].add(socket)
                self._by_socket[socket].add(row.pk)

    def forget(self, socket: Socket) -> None:
        for id in self._by_socket.pop(socket, ()):
            for known in (self._waiting, self._unread):
                if socket in known.get(id, ()):
                    known[id].discard(socket)
                    if not known[id]:
                        del known[id]

    async def check(self) -> None:
        """Takes no query while nothing waits. An approved message arrives as a message."""
        if not self._waiting and not self._unread:
            return
        rows = await database.run(database.HEARTBEAT, changed, list(self._waiting), list(self._unread))
        for row in rows:
            for socket in self._take(row.pk):
                if not row.approved:
                    self.tell(socket, [row])

    def _take(self, id: int) -> set[Socket]:
        """Forget the message. Returns the sockets of its author."""
        sockets = self._waiting.pop(id, set()) | self._unread.pop(id, set())
        for socket in sockets:
            self._by_socket[socket].discard(id)
            if not self._by_socket[socket]:
                del self._by_socket[socket]
        return sockets


def changed(waiting: Collection[int], unread: Collection[int]) -> list[HeldMessage]:
    """Of those that waited, the decided ones; of the refused ones, those whose author has read it."""
    decided = Q(pk__in_array=waiting, decided_at__isnull=False)
    return list(HeldMessage.objects.filter(decided | Q(pk__in_array=unread, told_at__isnull=False)))


def unanswered(user_id: int, room_id: int) -> list[HeldMessage]:
    """The latest MAX_TOLD, oldest first."""
    found = HeldMessage.objects.unanswered().filter(author=user_id, room=room_id).order_by("-pk")
    return list(found[:MAX_TOLD])[::-1]
