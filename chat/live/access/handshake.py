"""Authentication and authorization of sockets: the user of a session, and the room if the user may enter it.

Sockets that open while a lookup runs are looked up together after it, as the writer does with messages. Two
thousand clients that reconnect at once take a few dozen queries, not ten thousand.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from typing import NamedTuple
from uuid import UUID

from chat.models import FormerSlug, Membership, Room
from chat.refusals import Refusal

from .. import database
from .identity import Identity, identify

TOGETHER = 200  # sockets in one lookup: about 30 ms
COLUMNS = ("slug", "name", "topic", "kind", "head", "epoch")  # no times: they are slow to read


class Knock(NamedTuple):
    session_key: str
    slug: str | None  # None: the lobby


class Arrival(NamedTuple):
    identity: Identity
    room: Room | None


class Handshakes:
    def __init__(self) -> None:
        self._waiting: list[tuple[Knock, asyncio.Future[Arrival]]] = []
        self._looking_up: asyncio.Task[None] | None = None

    def knock(self, session_key: str, slug: str | None) -> asyncio.Future[Arrival]:
        """Look up a session and a room (None: the lobby).

        The future raises Refusal: sign_in, no_room; and what the database raises.
        """
        arrived: asyncio.Future[Arrival] = asyncio.get_running_loop().create_future()
        self._waiting.append((Knock(session_key, slug), arrived))
        if self._looking_up is None:
            self._looking_up = asyncio.ensure_future(self._look_up())
        return arrived

    async def _look_up(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:TOGETHER], self._waiting[TOGETHER:]
            try:
                results = await database.run(database.ARRIVALS, look_up, [knock for knock, _ in batch])
            except Exception as error:
                results = [error] * len(batch)
            for (_, arrived), result in zip(batch, results, strict=True):
                if arrived.done():  # cancelled meanwhile
                    continue
                if isinstance(result, Exception):
                    arrived.set_exception(result)
                else:
                    arrived.set_result(result)
        self._looking_up = None


def look_up(knocks: Sequence[Knock]) -> Sequence[Arrival | Exception]:
    """At most six queries for any number of sockets; four where all addresses are current. In a thread."""
    identities = identify({knock.session_key for knock in knocks})
    slugs = {knock.slug for knock in knocks if knock.slug}
    rooms = rooms_at(slugs)
    former = former_rooms(slugs - rooms.keys(), identities.values())
    private = [room for room in (*rooms.values(), *former.values()) if room.is_private]
    members = members_of(private, identities.values())
    results: list[Arrival | Exception] = []
    for knock in knocks:
        identity = identities.get(knock.session_key)
        if identity is None:
            results.append(Refusal("sign_in"))
            continue
        room = rooms.get(knock.slug or "") or former.get((knock.slug or "", identity.user.id))
        if knock.slug is None:
            results.append(Arrival(identity, None))
        elif room is None or (room.is_private and (room.pk, identity.user.id) not in members):
            results.append(Refusal("no_room"))  # the same for a room that does not exist
        else:
            results.append(Arrival(identity, room))
    return results


def rooms_at(slugs: Collection[str]) -> dict[str, Room]:
    slugs = printable(slugs)
    return (
        {room.slug: room for room in Room.objects.only(*COLUMNS).filter(slug__among=slugs)} if slugs else {}
    )


def former_rooms(slugs: Collection[str], identities: Collection[Identity]) -> dict[tuple[str, int], Room]:
    """By (slug, user id): the members' rooms that had these addresses until they were made private."""
    slugs, users = printable(slugs), {identity.user.id for identity in identities}
    if not slugs:
        return {}
    found = FormerSlug.objects.filter(slug__among=slugs, room__memberships__user__in=users).order_by("pk")
    meant = {
        (slug, user): room
        for slug, user, room in found.values_list("slug", "room__memberships__user", "room")
    }
    rooms = Room.objects.only(*COLUMNS).in_bulk(set(meant.values()))
    return {key: rooms[room] for key, room in meant.items() if room in rooms}


def room_of_epoch(room: Room, slug: str, epoch: UUID, identity: Identity) -> Room:
    """The room that a returning client had open at this address. It is not `room` if that one was created at
    the address of a room that was made private."""
    former = Room.objects.filter(former_slugs__slug=slug, epoch=epoch, memberships__user=identity.user.id)
    return former.only(*COLUMNS).first() or room


def printable(slugs: Collection[str]) -> set[str]:
    return {slug for slug in slugs if slug.isprintable()}  # PostgreSQL takes no NUL


def members_of(rooms: Collection[Room], identities: Collection[Identity]) -> set[tuple[int, int]]:
    """The members of these rooms among these users, as (room id, user id)."""
    if not rooms:
        return set()
    users = {identity.user.id for identity in identities}
    return set(Membership.objects.filter(room__in=rooms, user__in=users).values_list("room", "user"))
