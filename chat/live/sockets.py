"""The open sockets of this process: how many each person may have, and whether each may stay.

Who logged out, changed the password, was deactivated, removed or deleted keeps nothing open: the event
`revoke` has their sockets checked at once, and each heartbeat checks all, so it holds without a layer too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, NamedTuple

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models.functions import Now

from chat import frames
from chat.models import Membership, Room, User
from chat.refusals import Refusal

from .identity import Identity

if TYPE_CHECKING:
    from .consumer import Socket


class Pass(NamedTuple):
    """What a socket's right to be open rests on."""

    identity: Identity
    room_id: int | None  # None: the lobby


class Sockets:
    def __init__(self) -> None:
        self._open: set[Socket] = set()
        self._passes: dict[Socket, Pass] = {}
        self._by_person: defaultdict[int, set[Socket]] = defaultdict(set)
        self._by_address: defaultdict[str, set[Socket]] = defaultdict(set)

    def __iter__(self) -> Iterator[Socket]:
        return iter(list(self._open))

    def open(self, socket: Socket) -> None:
        """Count a socket that was just opened, before it is known whose it is."""
        self._open.add(socket)
        address = self._by_address[socket.address]
        address.add(socket)
        if len(self._open) > settings.OBROLAN_SOCKETS or len(address) > settings.OBROLAN_SOCKETS_PER_ADDRESS:
            socket.refuse(Refusal("too_many_sockets"))

    def admit(self, socket: Socket, identity: Identity, room_id: int | None = None) -> None:
        """Raises Refusal: too_many_sockets."""
        person = self._by_person[identity.user.id]
        if len(person) >= settings.OBROLAN_SOCKETS_PER_PERSON:
            raise Refusal("too_many_sockets")
        person.add(socket)
        self._passes[socket] = Pass(identity, room_id)

    def forget(self, socket: Socket) -> None:
        self._open.discard(socket)
        leave(self._by_address, socket.address, socket)
        if held := self._passes.pop(socket, None):
            leave(self._by_person, held.identity.user.id, socket)

    def passes(self, user_id: int | None = None) -> dict[Socket, Pass]:
        """What to check: everybody's, or one person's."""
        if user_id is None:
            return dict(self._passes)
        return {socket: self._passes[socket] for socket in self._by_person.get(user_id, ())}

    def revoke(self, refused: dict[Socket, str]) -> None:
        """End sockets that may not stay open, telling each why (a code of chat.refusals)."""
        for socket, code in refused.items():
            if socket in self._passes:
                refusal = Refusal(code)
                if code != "sign_in":
                    socket.tell(frames.Sanction(kind=code, message=refusal.message))
                socket.refuse(refusal)


def leave(groups: defaultdict, key: object, socket: Socket) -> None:
    groups[key].discard(socket)
    if not groups[key]:
        del groups[key]


def refused(passes: dict[Socket, Pass]) -> dict[Socket, str]:
    """Which sockets may not stay, and why. In a thread; at most four queries for any number of sockets."""
    held = passes.values()
    users = User.objects.filter(pk__among={each.identity.user.id for each in held}, is_active=True)
    passwords = {id: hash(password) for id, password in users.values_list("pk", "password")}
    keys = {each.identity.session_key for each in held}
    signed_in = set(
        Session.objects.filter(pk__among=keys, expire_date__gt=Now()).values_list("pk", flat=True)
    )
    public, members = reachable(held)
    found = {}
    for socket, (identity, room_id) in passes.items():
        user_id = identity.user.id
        if user_id not in passwords:
            found[socket] = "deactivated"
        elif identity.session_key not in signed_in or passwords[user_id] != identity.password:
            found[socket] = "sign_in"
        elif room_id and room_id not in public and (room_id, user_id) not in members:
            found[socket] = "removed"
    return found


def reachable(held: Collection[Pass]) -> tuple[set[int], set[tuple[int, int]]]:
    """The public ones of the rooms concerned, and who belongs to the others, as (room id, user id)."""
    rooms = dict(Room.objects.filter(pk__among={each.room_id for each in held}).values_list("pk", "kind"))
    private = {room for room, kind in rooms.items() if kind == Room.PRIVATE}
    if not private:
        return set(rooms), set()
    users = {each.identity.user.id for each in held if each.room_id in private}
    members = Membership.objects.filter(room__in=private, user__in=users).values_list("room", "user")
    return rooms.keys() - private, set(members)
