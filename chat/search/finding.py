"""Find messages. A common word is found by reading the latest messages, a rare one by the index.

To read the latest WALKED messages takes a bounded time, and finds a page for each word that is in one of a
few hundred. Any other word is rare, so the index has few messages for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from chat.models import Message, Room, User

from . import index
from .filters import Filters

WALKED = 10_000  # messages that are read, newest first, before the index is used
FEW = 10_000  # changes in the rooms, which are then read completely


class Found(NamedTuple):
    """Ids, newest first. `further`: there may be more before this id. `is_partial`: search on from there."""

    ids: list[int]
    further: int | None = None
    is_partial: bool = False


@dataclass(frozen=True)
class Search:
    """One page of hits in the rooms that the person may see now."""

    filters: Filters
    user: User
    limit: int
    before: int | None = None  # only messages with a lower id

    def run(self) -> Found:
        if self.filters.is_impossible:
            return Found([])
        rooms = self.filters.rooms(Room.objects.visible_to(self.user))
        changes = rooms.aggregate(changes=Coalesce(Sum("head"), 0))["changes"]
        if changes <= FEW:
            return self._page(self._by_id(self._matching(rooms))) if changes else Found([])
        some = list(rooms.only("pk")[:2])
        room = some[0] if len(some) == 1 else None
        walk = Walk(self._candidates(), room, self.before)
        found = self._page(walk.newest(self._matching(rooms)))
        if found.further or walk.is_complete:
            return found
        condition = index.indexed(self.filters.terms, self.filters.alternatives)
        if condition is not None:
            return self._page(self._by_id(self._matching(rooms).filter(condition)))
        return Found(found.ids, walk.floor, is_partial=True)

    def _candidates(self) -> QuerySet[Message]:
        """Messages by the filters that have an index of their own."""
        rows = Message.objects.filter(self.filters.by_author, self.filters.id_range or Q())
        return rows if self.before is None else rows.filter(pk__lt=self.before)

    def _matching(self, rooms: QuerySet[Room]) -> QuerySet[Message]:
        """All conditions: what is visible now, the filters and the words."""
        rows = self._candidates().filter(self.filters.exact, room__in=rooms.values("pk"))
        for term in self.filters.terms:
            rows = rows.filter(index.contains(term))
        return rows.filter(deleted_at=None)

    def _by_id(self, rows: QuerySet[Message]) -> QuerySet[Message]:
        """Not through the index of ids: PostgreSQL would read all messages to find the latest rare ones."""
        return rows.order_by((F("pk") + 0).desc())

    def _page(self, rows: QuerySet[Message]) -> Found:
        ids = list(rows.values_list("pk", flat=True)[: self.limit + 1])
        return Found(ids[: self.limit], ids[self.limit - 1] if len(ids) > self.limit else None)


class Walk:
    """The latest WALKED candidates: by id, or by number within one room."""

    def __init__(self, candidates: QuerySet[Message], room: Room | None, before: int | None) -> None:
        self.order = "seq" if room else "pk"
        if room is not None:
            candidates = candidates.filter(room=room)
            if before is not None:
                latest = Message.objects.filter(room=room, pk=before).values_list("seq", flat=True).first()
                candidates = candidates.filter(seq__lt=latest or 0)
        last = candidates.order_by(f"-{self.order}").values_list("pk", self.order)[WALKED : WALKED + 1]
        self.floor, self._lowest = next(iter(last), (None, None))

    @property
    def is_complete(self) -> bool:
        return self.floor is None

    def newest(self, matching: QuerySet[Message]) -> QuerySet[Message]:
        if self._lowest is not None:
            matching = matching.filter(**{f"{self.order}__gte": self._lowest})
        return matching.order_by(f"-{self.order}")
