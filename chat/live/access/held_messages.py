"""Messages that wait for approval: each of the author's sockets that knows about one is told what becomes of
it, until it is posted or the author has read the refusal, perhaps on another device. The event `revoke`
triggers the check at once, and the heartbeat makes up for a lost one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Protocol

from django.db.models import Q

from chat import frames
from chat.models import HeldMessage

from .. import database


class Socket(Protocol):
    def send_events(self, *events: frames.Event) -> None:
        """Send events."""


class HeldMessages:
    def __init__(self) -> None:
        self._waiting: defaultdict[int, set[Socket]] = defaultdict(set)  # by the id of the held message
        self._unread: defaultdict[int, set[Socket]] = defaultdict(set)  # refused, by the same

    def tell(self, socket: Socket, rows: Iterable[HeldMessage]) -> None:
        """Send held messages to a socket of their author, and later what becomes of those that wait."""
        for row in rows:
            socket.send_events(frames.held(row))
            if row.told_at is None:
                (self._unread if row.decided_at else self._waiting)[row.pk].add(socket)

    def forget(self, socket: Socket) -> None:
        for known in (self._waiting, self._unread):
            for id in [id for id, sockets in known.items() if socket in sockets]:
                known[id].discard(socket)
                if not known[id]:
                    del known[id]

    async def check(self) -> None:
        """Takes no query while nothing waits. An approved message arrives as a message."""
        if not self._waiting and not self._unread:
            return
        rows = await database.run(database.HEARTBEAT, changed, list(self._waiting), list(self._unread))
        for row in rows:
            known = self._waiting if row.pk in self._waiting else self._unread
            sockets = known.pop(row.pk, set())
            if row.approved:
                continue
            for socket in sockets:
                self.tell(socket, [row])


def changed(waiting: Collection[int], unread: Collection[int]) -> list[HeldMessage]:
    """Of those that waited, the decided ones; of the refused ones, those whose author has read it."""
    decided = Q(pk__in_array=waiting, decided_at__isnull=False)
    return list(HeldMessage.objects.filter(decided | Q(pk__in_array=unread, told_at__isnull=False)))


def unanswered(user_id: int, room_id: int) -> list[HeldMessage]:
    return list(HeldMessage.objects.unanswered().filter(author=user_id, room=room_id).order_by("pk"))
