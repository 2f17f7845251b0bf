"""New display names and pictures reach every open room of which the person is a member, author or mentioned.

People who are present are announced as `renamed`. All others, whose messages are on the pages, as `person`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import timedelta
from time import monotonic
from typing import NamedTuple

from django.db.models import F
from django.db.models.functions import Now

from chat import frames
from chat.models import Membership, Mention, Message, User

from .. import database
from .feed import Feed

KEPT = 200  # new names; a client that reconnects is sent those of its room
KEPT_FOR = 86_400.0  # seconds
COMMITTED_WITHIN = 3.0  # seconds after the time of a change


class NewName(NamedTuple):
    user: frames.User
    rooms: frozenset[int]  # ids of the rooms that know the person


class Names:
    def __init__(self) -> None:
        self._kept: dict[int, NewName] = {}  # by user id, the latest last
        self._read_at: float | None = None  # monotonic seconds

    async def announce(self, feeds: Iterable[Feed]) -> None:
        """Announce the display names that changed since the last call. Raises what the database raises."""
        now = monotonic()
        seconds = KEPT_FOR if self._read_at is None else min(KEPT_FOR, now - self._read_at + COMMITTED_WITHIN)
        renamed = await database.run(database.HEARTBEAT, renamed_within, seconds)
        new = [user for user in renamed if (kept := self._kept.get(user.id)) is None or kept.user != user]
        if new:
            rooms = await database.run(database.READERS, rooms_of, [user.id for user in new])
            for user in new:
                self._keep(NewName(user, rooms.get(user.id, frozenset())))
        self._read_at = now
        if not renamed:
            return
        people = {user.id: user for user in renamed}
        for feed in feeds:
            feed.rename(people)
            if known := [user for user in new if feed.room_id in self._kept[user.id].rooms]:
                feed.announce(*(frames.encode(frames.Person(user=user)) for user in known))

    def of_room(self, room_id: int) -> list[frames.Person]:
        """The new names for a client of this room that has missed some."""
        return [frames.Person(user=new.user) for new in self._kept.values() if room_id in new.rooms]

    def _keep(self, new: NewName) -> None:
        self._kept.pop(new.user.id, None)
        self._kept[new.user.id] = new
        if len(self._kept) > KEPT:
            del self._kept[next(iter(self._kept))]


def renamed_within(seconds: float) -> list[frames.User]:
    """The people with a new display name in these last seconds, the latest KEPT, latest last."""
    found = User.objects.filter(renamed_at__gt=Now() - timedelta(seconds=seconds)).order_by("-renamed_at")
    return [frames.user(row) for row in found.only("name", "is_guest", "picture")[:KEPT]][::-1]


def rooms_of(user_ids: Collection[int]) -> dict[int, frozenset[int]]:
    """The rooms whose pages may show these people, by user id: as members, authors or in mentions."""
    members = Membership.objects.filter(user__in_array=user_ids).values_list("user", "room")
    authors = Message.objects.filter(author__in_array=user_ids).values_list(F("author"), "room")
    mentioned = Mention.objects.filter(user__in_array=user_ids).values_list("user", "room")
    rooms: dict[int, set[int]] = {}
    for user_id, room_id in members.order_by().union(authors.order_by(), mentioned.order_by()):
        rooms.setdefault(user_id, set()).add(room_id)
    return {user_id: frozenset(found) for user_id, found in rooms.items()}
