"""Find messages. A common word is found by reading the latest messages, a rare one by the index.

To read the latest WALKED messages takes a bounded time, and finds a page for each word that is in one of a
few hundred. Any other word is rare, so the index has few messages for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

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
            everything = self._matching(Message.objects.filter(self._by_author), rooms)
            return self._page(by_id(everything)) if changes else Found([])
        walk = self._walk(rooms)
        found = self._page(self._matching(walk.latest, rooms))
        if found.further or walk.is_complete:
            return found
        condition = index.indexed(self.filters.terms, self.filters.alternatives)
        if condition is None:
            return Found(found.ids, walk.floor, is_partial=True)
        return self._page(by_id(self._matching(self._of_index.filter(condition), rooms, "of_room")))

    @cached_property
    def _by_author(self) -> Q:
        return self.filters.by_author("author")

    @property
    def _of_index(self) -> QuerySet[Message]:
        """Without fields that have an index of their own, or a database may read all messages of a person."""
        rows = Message.objects.alias(by=F("author") + 0, of_room=F("room") + 0)
        return rows.filter(self.filters.by_author("by"))

    def _walk(self, rooms: QuerySet[Room]) -> Walk:
        some = list(rooms.only("pk").order_by()[:2])
        rows = Message.objects.filter(self._by_author, self.filters.id_range or Q())
        if self.before is not None:
            rows = rows.filter(pk__lt=self.before)
        if len(some) > 1:
            return Walk(rows, "pk")
        order = "created_at" if len(self.filters.authors) == 1 else "seq"  # the index of authors has the time
        rows = rows.filter(room=some[0])
        if self.before is not None:
            last = Message.objects.filter(room=some[0], pk=self.before).values_list(order, flat=True).first()
            rows = rows.filter(**{f"{order}__lte": last}) if last else rows.none()
        return Walk(rows, order)

    def _matching(
        self, rows: QuerySet[Message], rooms: QuerySet[Room], room: str = "room"
    ) -> QuerySet[Message]:
        """Those that are visible now, with all filters and words. `room` is the name of the field."""
        conditions: dict[str, Any] = {f"{room}__in": rooms.values("pk"), "deleted_at": None}
        if self.before is not None:
            conditions["pk__lt"] = self.before
        for term in self.filters.terms:
            rows = rows.filter(index.contains(term))
        return rows.filter(self.filters.id_range or Q(), self.filters.exact, **conditions)

    def _page(self, rows: QuerySet[Message]) -> Found:
        ids = list(rows.values_list("pk", flat=True)[: self.limit + 1])
        return Found(ids[: self.limit], ids[self.limit - 1] if len(ids) > self.limit else None)


class Walk:
    """The latest WALKED of some messages, by a field whose order an index has."""

    def __init__(self, rows: QuerySet[Message], order: str) -> None:
        ordered = rows.order_by(f"-{order}")
        last = ordered.values_list("pk", order)[WALKED : WALKED + 1]
        self.floor, lowest = next(iter(last), (None, None))
        self.latest = ordered if lowest is None else ordered.filter(**{f"{order}__gte": lowest})

    @property
    def is_complete(self) -> bool:
        return self.floor is None


def by_id(rows: QuerySet[Message]) -> QuerySet[Message]:
    """Newest first, but not through the index of ids: PostgreSQL would read all messages for a rare word."""
    return rows.order_by((F("pk") + 0).desc())
