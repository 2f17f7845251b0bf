"""The open sockets of this process: how many each person and IP address may have, and whether each may stay.

A socket is closed when its user logs out, changes the password, is deactivated, removed or deleted. The event
`revoke` has the user's sockets checked at once. Each heartbeat checks all, so it holds without a layer too.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from typing import NamedTuple, Protocol

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models.functions import Now

from chat import frames
from chat.client_ip import limit_key
from chat.models import Membership, Room, User
from chat.refusals import Refusal

from .identity import Identity


class Socket(Protocol):
    """What this registry needs of a socket. It knows no consumer, so consumers may know it."""

    ip: str

    def tell(self, *events: frames.Event) -> None:
        """Send events."""

    def refuse(self, refusal: Refusal) -> None:
        """Send an error, and close the socket if the refusal does."""

    def end(self, code: int) -> None:
        """Close the socket."""


class Pass(NamedTuple):
    """The session and the room that a socket was opened for."""

    identity: Identity
    room_id: int | None  # None: the lobby


class Sockets:
    def __init__(self) -> None:
        self._open: set[Socket] = set()
        self._by_address: Counter[str] = Counter()
        self._passes: dict[Socket, Pass] = {}
        self._by_person: defaultdict[int, dict[Socket, None]] = defaultdict(dict)  # the oldest first

    def __iter__(self) -> Iterator[Socket]:
        return iter(list(self._open))

    def open(self, socket: Socket) -> None:
        """Count a socket that was just opened. One too many of an IP address or of all is refused.

        The newest does not win here: one address may be a whole school, in which one person could then
        throw out everybody else.
        """
        self._open.add(socket)
        self._by_address[address_of(socket)] += 1
        if (
            len(self._open) > settings.OBROLAN_SOCKETS
            or self._by_address[address_of(socket)] > settings.OBROLAN_SOCKETS_PER_ADDRESS
        ):
            socket.refuse(Refusal("too_many_sockets"))

    def admit(self, socket: Socket, identity: Identity, room_id: int | None = None) -> None:
        """Count a socket as this person's. One too many closes their oldest."""
        if socket in self._passes or socket not in self._open:  # hello after a failure; closed meanwhile
            return
        theirs = self._by_person[identity.user.id]
        surplus = len(theirs) + 1 - settings.OBROLAN_SOCKETS_PER_PERSON
        for oldest in list(theirs)[: max(0, surplus)]:
            oldest.refuse(Refusal("opened_elsewhere"))
        self._by_person[identity.user.id][socket] = None  # the person's dict may be a new one by now
        self._passes[socket] = Pass(identity, room_id)

    def forget(self, socket: Socket) -> None:
        if socket in self._open:
            self._open.remove(socket)
            address = address_of(socket)
            self._by_address[address] -= 1
            if not self._by_address[address]:
                del self._by_address[address]
        if held := self._passes.pop(socket, None):
            person = held.identity.user.id
            del self._by_person[person][socket]
            if not self._by_person[person]:
                del self._by_person[person]

    def passes(self, user_id: int | None = None) -> dict[Socket, Pass]:
        """The passes to check: all, or one person's."""
        if user_id is None:
            return dict(self._passes)
        return {socket: self._passes[socket] for socket in self._by_person.get(user_id, ())}

    def people(self) -> set[int]:
        return set(self._by_person)

    def rename(self, user: frames.User) -> None:
        for held in self.passes(user.id).values():
            held.identity.user = user

    def revoke(self, refused: dict[Socket, str]) -> None:
        """Close sockets that may not stay open. `refused`: the code of chat.refusals for each."""
        for socket, code in refused.items():
            if socket in self._passes:
                refusal = Refusal(code)
                if code != "sign_in":
                    socket.tell(frames.Sanction(kind=code, message=refusal.message))
                socket.refuse(refusal)


def address_of(socket: Socket) -> str:
    """The key of the cap for IP addresses."""
    return limit_key(socket.ip)


class Findings(NamedTuple):
    refused: dict[Socket, str]  # sockets that may not stay open, with a code of chat.refusals
    renamed: dict[int, frames.User]  # by id


def check(passes: dict[Socket, Pass]) -> Findings:
    """Compare passes with the database. In a thread; at most four queries for any number."""
    held = passes.values()
    users = User.objects.filter(pk__among={each.identity.user.id for each in held}, is_active=True)
    accounts = {
        id: (hash(password), name) for id, password, name in users.values_list("pk", "password", "name")
    }
    keys = {each.identity.session_key for each in held}
    signed_in = set(
        Session.objects.filter(pk__among=keys, expire_date__gt=Now()).values_list("pk", flat=True)
    )
    public, members = reachable(held)
    refused, renamed = {}, {}
    for socket, (identity, room_id) in passes.items():
        user = identity.user
        if user.id not in accounts:
            refused[socket] = "deactivated"
            continue
        password, name = accounts[user.id]
        if name != user.name:
            renamed[user.id] = frames.User(user.id, name, user.guest)
        if identity.session_key not in signed_in or password != identity.password:
            refused[socket] = "sign_in"
        elif room_id and room_id not in public and (room_id, user.id) not in members:
            refused[socket] = "removed"
    return Findings(refused, renamed)


def reachable(held: Collection[Pass]) -> tuple[set[int], set[tuple[int, int]]]:
    """The public rooms of these passes, and the members of the private ones as (room id, user id)."""
    rooms = dict(Room.objects.filter(pk__among={each.room_id for each in held}).values_list("pk", "kind"))
    private = {room for room, kind in rooms.items() if kind == Room.PRIVATE}
    if not private:
        return set(rooms), set()
    users = {each.identity.user.id for each in held if each.room_id in private}
    members = Membership.objects.filter(room__in=private, user__in=users).values_list("room", "user")
    return rooms.keys() - private, set(members)
