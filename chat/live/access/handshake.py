"""Authentication and authorization of new sockets: the user of a session, and the room if they may enter it.

Handshakes that start while a lookup runs are looked up together after it, as the writer does with messages.
So 2,000 clients that reconnect at once take a few dozen queries instead of 10,000.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from typing import NamedTuple
from uuid import UUID

from chat import standing
from chat.models import FormerSlug, Membership, Room
from chat.refusals import Refusal

from .. import database
from .identity import Identity, identify

BATCH = 200  # handshakes in one lookup: about 30 ms


class Request(NamedTuple):
    session_key: str
    slug: str | None  # None: the lobby


class Handshake(NamedTuple):
    """The result for a client that may enter."""

    identity: Identity
    room: Room | None  # None: the lobby


class Handshakes:
    def __init__(self) -> None:
        self._waiting: list[tuple[Request, asyncio.Future[Handshake]]] = []
        self._looking_up: asyncio.Task[None] | None = None

    def start(self, session_key: str, slug: str | None) -> asyncio.Future[Handshake]:
        """Look up a session and a room (None: the lobby).

        The future raises Refusal: sign_in, no_room; and what the database raises.
        """
        future: asyncio.Future[Handshake] = asyncio.get_running_loop().create_future()
        self._waiting.append((Request(session_key, slug), future))
        if self._looking_up is None:
            self._looking_up = asyncio.ensure_future(self._look_up())
        return future

    async def _look_up(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
            try:
                results = await database.run(database.READERS, look_up, [request for request, _ in batch])
            except Exception as error:
                results = [error] * len(batch)
            for (_, future), result in zip(batch, results, strict=True):
                if future.done():  # cancelled meanwhile
                    continue
                if isinstance(result, Exception):
                    future.set_exception(result)
                else:
                    future.set_result(result)
        self._looking_up = None


def look_up(requests: Sequence[Request]) -> Sequence[Handshake | Exception]:
    """Runs in a thread. Takes at most seven queries for any number of requests: two fewer without former
    slugs, and one fewer if nobody among the users has, or had, a sanction.

    Rooms are read first: if a decision is made between the two, `Room.decisions` is too old, and posts check.
    """
    slugs = {request.slug for request in requests if request.slug}
    rooms = rooms_by_slug(slugs)
    identities = identify({request.session_key for request in requests})
    former = rooms_by_former_slug(slugs - rooms.keys(), identities.values())
    private = [room for room in (*rooms.values(), *former.values()) if room.is_private]
    members = members_of(private, identities.values())
    results: list[Handshake | Exception] = []
    for request in requests:
        identity = identities.get(request.session_key)
        if identity is None:
            results.append(Refusal("sign_in"))
            continue
        room = rooms.get(request.slug or "") or former.get((request.slug or "", identity.user.id))
        barring = standing.barring(identity.sanctions, room.pk if room else None)
        if barring is not None:
            results.append(standing.Sanctioned(barring, identity.user.id))
        elif request.slug is None:
            results.append(Handshake(identity, None))
        elif room is None or (room.is_private and (room.pk, identity.user.id) not in members):
            results.append(Refusal("no_room"))  # the same for a room that does not exist
        else:
            results.append(Handshake(identity, room))
    return results


def rooms_by_slug(slugs: Collection[str]) -> dict[str, Room]:
    slugs = printable(slugs)
    if not slugs:
        return {}
    return {room.slug: room for room in Room.objects.existing().with_state().filter(slug__in_array=slugs)}


def rooms_by_former_slug(
    slugs: Collection[str], identities: Collection[Identity]
) -> dict[tuple[str, int], Room]:
    """Rooms that had one of these slugs until they were made private, by (slug, user id) of their members."""
    slugs, users = printable(slugs), {identity.user.id for identity in identities}
    if not slugs:
        return {}
    found = FormerSlug.objects.filter(slug__in_array=slugs, room__memberships__user__in=users).order_by("pk")
    ids = {
        (slug, user): room
        for slug, user, room in found.values_list("slug", "room__memberships__user", "room")
    }
    rooms = Room.objects.existing().with_state().in_bulk(set(ids.values()))
    for room in rooms.values():
        room.decisions = Room.UNKNOWN_DECISIONS  # it was read after the users
    return {key: rooms[id] for key, id in ids.items() if id in rooms}


def room_of_epoch(room: Room, slug: str, epoch: UUID, identity: Identity) -> Room:
    """The room that a reconnecting client had open under this slug.

    It differs from `room` if that one was created under the slug of a room that was made private.
    Raises Refusal: banned, removed.
    """
    former = Room.objects.filter(former_slugs__slug=slug, epoch=epoch, memberships__user=identity.user.id)
    found = former.existing().with_state().first()
    if found is None:
        return room
    found.decisions = Room.UNKNOWN_DECISIONS
    standing.refuse_if_barred(identity.user.id, identity.sanctions, found.pk)
    return found


def printable(slugs: Collection[str]) -> set[str]:
    return {slug for slug in slugs if slug.isprintable()}  # PostgreSQL accepts no NUL


def members_of(rooms: Collection[Room], identities: Collection[Identity]) -> set[tuple[int, int]]:
    """The members of these rooms among these users, as (room id, user id)."""
    if not rooms:
        return set()
    users = {identity.user.id for identity in identities}
    return set(Membership.objects.filter(room__in=rooms, user__in=users).values_list("room", "user"))
