"""The open sockets of this process: how many may come in, and whether each may stay.

Who logged out, changed the password, was deactivated, removed or deleted keeps nothing open: the event
`revoke` has their sockets checked at once, and each heartbeat checks all, so it holds without a layer too.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models.functions import Now

from chat import frames
from chat.client_ip import limit_key
from chat.models import Membership, Room, User
from chat.refusals import Refusal

from .census import Census
from .identity import Identity

if TYPE_CHECKING:
    from .consumer import Socket

LOOK_AGAIN_EVERY = 0.1  # seconds; the others' news comes as often


class Pass(NamedTuple):
    """What a socket's right to be open rests on."""

    identity: Identity
    room_id: int | None  # None: the lobby


class Sockets:
    def __init__(self, process: str) -> None:
        self.census = Census(process)
        self._open: set[Socket] = set()
        self._passes: dict[Socket, Pass] = {}
        self._by_person: defaultdict[int, set[Socket]] = defaultdict(set)

    def __iter__(self) -> Iterator[Socket]:
        return iter(list(self._open))

    def open(self, socket: Socket) -> None:
        """Count a socket that was just opened, before it is known whose it is."""
        self._open.add(socket)
        self.census.add(of_ip(socket))
        if len(self._open) > settings.OBROLAN_SOCKETS or crowds_its_ip(socket, self.census.here):
            socket.refuse(Refusal("too_many_sockets"))

    async def admit(self, socket: Socket, identity: Identity, room_id: int | None = None) -> None:
        """Count it as this person's, unless it is closed by then. Raises Refusal: too_many_sockets.

        What only the other processes' sockets forbid is refused when each of them has shown that it lives:
        whoever comes from one that was killed is let in as soon as that is noticed (census.DEAD_AFTER).
        """
        if socket in self._passes:  # says hello again, since the database failed the first time
            return
        person, since = identity.user.id, monotonic()
        while not socket.closed and crowds(socket, person, self.census.everywhere):
            if crowds(socket, person, self.census.here) or self.census.all_heard_since(since):
                raise Refusal("too_many_sockets")
            await asyncio.sleep(LOOK_AGAIN_EVERY)
        if not socket.closed:
            self.census.add(of_person(person))
            self._by_person[person].add(socket)
            self._passes[socket] = Pass(identity, room_id)

    def forget(self, socket: Socket) -> None:
        if socket in self._open:
            self._open.remove(socket)
            self.census.remove(of_ip(socket))
        if held := self._passes.pop(socket, None):
            person = held.identity.user.id
            self.census.remove(of_person(person))
            self._by_person[person].remove(socket)
            if not self._by_person[person]:
                del self._by_person[person]

    def passes(self, user_id: int | None = None) -> dict[Socket, Pass]:
        """What to check: everybody's, or one person's."""
        if user_id is None:
            return dict(self._passes)
        return {socket: self._passes[socket] for socket in self._by_person.get(user_id, ())}

    def rename(self, user: frames.User) -> None:
        for held in self.passes(user.id).values():
            held.identity.user = user

    def revoke(self, refused: dict[Socket, str]) -> None:
        """End sockets that may not stay open, telling each why (a code of chat.refusals)."""
        for socket, code in refused.items():
            if socket in self._passes:
                refusal = Refusal(code)
                if code != "sign_in":
                    socket.tell(frames.Sanction(kind=code, message=refusal.message))
                socket.refuse(refusal)


def of_person(user_id: int) -> str:
    return f"p{user_id}"


def of_ip(socket: Socket) -> str:
    return f"a{limit_key(socket.ip)}"


def crowds_its_ip(socket: Socket, count: Callable[[str], int]) -> bool:
    return count(of_ip(socket)) > settings.OBROLAN_SOCKETS_PER_ADDRESS  # it is counted itself


def crowds(socket: Socket, user_id: int, count: Callable[[str], int]) -> bool:
    """Whether there is no room for one more of this person, or for this one of its address."""
    is_too_many = count(of_person(user_id)) >= settings.OBROLAN_SOCKETS_PER_PERSON
    return is_too_many or crowds_its_ip(socket, count)


class Findings(NamedTuple):
    refused: dict[Socket, str]  # who may not stay, and why: a code of chat.refusals
    renamed: dict[int, frames.User]  # by id


def check(passes: dict[Socket, Pass]) -> Findings:
    """What became of the people behind these sockets. In a thread; at most four queries for any number."""
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
    """The public ones of the rooms concerned, and who belongs to the others, as (room id, user id)."""
    rooms = dict(Room.objects.filter(pk__among={each.room_id for each in held}).values_list("pk", "kind"))
    private = {room for room, kind in rooms.items() if kind == Room.PRIVATE}
    if not private:
        return set(rooms), set()
    users = {each.identity.user.id for each in held if each.room_id in private}
    members = Membership.objects.filter(room__in=private, user__in=users).values_list("room", "user")
    return rooms.keys() - private, set(members)
