"""Messages that wait for approval: each of the author's sockets that knows about one is told what becomes of
it. The event `revoke` triggers the check at once, and the heartbeat makes up for a lost one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Protocol

from chat import frames
from chat.models import HeldMessage

from .. import database


class Socket(Protocol):
    def send_events(self, *events: frames.Event) -> None:
        """Send events."""


class HeldMessages:
    def __init__(self) -> None:
        self._waiting: defaultdict[int, set[Socket]] = defaultdict(set)  # by the id of the held message

    def tell(self, socket: Socket, rows: Iterable[HeldMessage]) -> None:
        """Send held messages to a socket of their author, and later what becomes of those that wait."""
        for row in rows:
            socket.send_events(frames.held(row))
            if row.decided_at is None:
                self._waiting[row.pk].add(socket)

    def forget(self, socket: Socket) -> None:
        for id in [id for id, sockets in self._waiting.items() if socket in sockets]:
            self._waiting[id].discard(socket)
            if not self._waiting[id]:
                del self._waiting[id]

    async def check(self) -> None:
        """Takes no query while nothing waits. An approved message arrives as a message."""
        if not self._waiting:
            return
        for row in await database.run(database.HEARTBEAT, decided, list(self._waiting)):
            for socket in self._waiting.pop(row.pk, ()):
                if not row.approved:
                    socket.send_events(frames.held(row))


def decided(ids: Collection[int]) -> list[HeldMessage]:
    return list(HeldMessage.objects.filter(pk__in_array=ids).exclude(decided_at=None))


def unanswered(user_id: int, room_id: int) -> list[HeldMessage]:
    return list(HeldMessage.objects.unanswered().filter(author=user_id, room=room_id).order_by("pk"))
