"""The open sockets of this process, with connection caps per user, per IP address and in all."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from typing import NamedTuple, Protocol

from django.conf import settings

from chat import frames
from chat.client_ip import limit_key
from chat.refusals import Refusal
from chat.standing import Sanctioned

from .identity import Identity


class Socket(Protocol):
    """A client's socket, as far as this registry needs it."""

    ip: str

    def send_events(self, *events: frames.Event) -> None:
        """Send events."""

    def refuse(self, refusal: Refusal) -> None:
        """Send an error, and close the socket if the refusal does."""

    def end(self, code: int) -> None:
        """Close the socket."""

    def update_sanctions(self, sanctions: Sanctions, decisions: int) -> bool:
        """Announce the sanctions that changed. `decisions` was read before them in the room's row.

        Returns False before the `welcome`: then nothing is announced.
        """


Sanctions = dict[int, frames.Sanction]  # in force, by id


class Access(NamedTuple):
    """The session and the room that a socket was opened for."""

    identity: Identity
    room_id: int | None  # None: the lobby


class OpenSockets:
    def __init__(self) -> None:
        self._open: set[Socket] = set()
        self._by_ip: Counter[str] = Counter()  # keys of `limit_key`
        self._access: dict[Socket, Access] = {}
        self._by_user: defaultdict[int, dict[Socket, None]] = defaultdict(dict)  # oldest first
        self._unsettled: set[Socket] = set()  # not yet checked after the `welcome`, or with sanctions

    def __iter__(self) -> Iterator[Socket]:
        return iter(list(self._open))

    def add(self, socket: Socket) -> None:
        """Count a new socket. Above the cap of its IP address or of the process, it is refused.

        The newest socket does not win here: a whole school may share one IP address, and one person could
        then disconnect all others.
        """
        self._open.add(socket)
        key = limit_key(socket.ip)
        self._by_ip[key] += 1
        if (
            len(self._open) > settings.OBROLAN_SOCKETS
            or self._by_ip[key] > settings.OBROLAN_SOCKETS_PER_ADDRESS
        ):
            socket.refuse(Refusal("too_many_sockets"))

    def admit(self, socket: Socket, identity: Identity, room_id: int | None = None) -> None:
        """Count a socket for its user. Above the user's cap, their oldest socket is closed."""
        if socket in self._access or socket not in self._open:  # `hello` after a failure; closed meanwhile
            return
        sockets = self._by_user[identity.user.id]
        surplus = len(sockets) + 1 - settings.OBROLAN_SOCKETS_PER_PERSON
        for oldest in list(sockets)[: max(0, surplus)]:
            oldest.refuse(Refusal("opened_elsewhere"))
        self._by_user[identity.user.id][socket] = None  # `refuse` may have replaced the user's dict
        self._access[socket] = Access(identity, room_id)
        self._unsettled.add(socket)

    def remove(self, socket: Socket) -> None:
        if socket in self._open:
            self._open.remove(socket)
            key = limit_key(socket.ip)
            self._by_ip[key] -= 1
            if not self._by_ip[key]:
                del self._by_ip[key]
        self._unsettled.discard(socket)
        if access := self._access.pop(socket, None):
            user_id = access.identity.user.id
            del self._by_user[user_id][socket]
            if not self._by_user[user_id]:
                del self._by_user[user_id]

    def access(self, user_id: int | None = None) -> dict[Socket, Access]:
        """The access of all open sockets, or of one user's."""
        if user_id is None:
            return dict(self._access)
        return {socket: self._access[socket] for socket in self._by_user.get(user_id, ())}

    def concerned(
        self, users: Collection[int], sessions: Collection[str], rooms: Collection[int]
    ) -> dict[Socket, Access]:
        """The access of the sockets of these users, sessions and rooms, and of those that are always due.

        Sockets are due each second until they were checked once after the `welcome`: a change may have been
        made between the handshake and `admit`. Those with sanctions are due because these end by the clock.
        """
        found = self._unsettled | {socket for user in users for socket in self._by_user.get(user, ())}
        if sessions or rooms:
            found |= {
                socket
                for socket, access in self._access.items()
                if access.room_id in rooms or access.identity.session_key in sessions
            }
        return {socket: self._access[socket] for socket in found}

    def users(self) -> Collection[int]:
        return self._by_user.keys()

    def rename(self, user: frames.User) -> None:
        """Note a new name or picture. In a room its feed announces it, in the lobby nobody else would."""
        for socket, access in self.access(user.id).items():
            access.identity.user = user
            if access.room_id is None:
                socket.send_events(frames.Person(user=user))

    def update_sanctions(self, sanctions: dict[Socket, tuple[Sanctions, int]]) -> None:
        for socket, found in sanctions.items():
            if socket in self._access:
                if socket.update_sanctions(*found) and not found[0]:
                    self._unsettled.discard(socket)
                else:
                    self._unsettled.add(socket)

    def revoke(self, refused: dict[Socket, Refusal]) -> None:
        """Close sockets whose access was revoked."""
        for socket, refusal in refused.items():
            if socket in self._access:
                if refusal.code != "sign_in" and not isinstance(refusal, Sanctioned):
                    socket.send_events(frames.Sanction(kind=refusal.code, message=refusal.message))
                socket.refuse(refusal)
