"""Search forms of the lists of messages, rooms and members."""

from __future__ import annotations

from typing import Any

from django.db.models import Max, Q, QuerySet
from django.utils.timezone import now

from chat.models import Membership, Message

from . import private
from .lists import Choice, Day, Search, Words, people_called, rooms_called, within

MAX_SEARCHED = 50_000  # latest messages that a search for words reads
MAX_FOUND = 500  # results of a search for words
ROOM_KINDS = {"public": "public", "private": "private", "direct": "direct"}
ROOM_STATES = {
    "open": "open",
    "limited": "calm, locked or slow",
    "archived": "archived",
    "deleted": "deleted",
}
ROLES = {value: str(label) for value, label in Membership._meta.get_field("role").choices or []}


class MessageSearch(Search):
    person = Words(label="Person")
    room = Words(label="Room")
    since = Day(label="From")
    until = Day(label="To")
    words = Words(label="Words", help_text=f"In the latest {MAX_SEARCHED:,} messages.")
    state = Choice({"shown": "shown", "hidden": "hidden or deleted"}, label="State")

    def filter(self, rows: QuerySet) -> QuerySet:
        values = self.values
        rows = self._of_room_and_person(rows, values)
        rows = within(rows, "created_at", values)
        if values.get("state"):
            rows = rows.filter(deleted_at__isnull=values["state"] == "shown")
        if words := values.get("words"):
            # A separate query: if PostgreSQL misjudges the number of matches, the joins take 800 ms.
            newest = Message.objects.aggregate(pk=Max("pk"))["pk"] or 0
            matching = rows.filter(private.only_readable(self.request), pk__gt=newest - MAX_SEARCHED)
            matching = matching.filter(text__icontains=words).order_by("-pk").values_list("pk", flat=True)
            rows = rows.filter(pk__in=list(matching[:MAX_FOUND]))
        return rows

    @staticmethod
    def _of_room_and_person(rows: QuerySet, values: dict[str, Any]) -> QuerySet:
        """For one room or one person the order is that of an index. Otherwise SQLite sorts all their rows."""
        rooms = rooms_called(values["room"]) if "room" in values else None
        people = people_called(values["person"]) if "person" in values else None
        if rooms is not None:
            rows = rows.filter(room__in=rooms) if len(rooms) != 1 else rows.filter(room=rooms[0])
        if people is not None:
            rows = rows.filter(author__in=people) if len(people) != 1 else rows.filter(author=people[0])
        if rooms is not None and people is not None:
            return rows.order_by("-created_at")
        if rooms is not None:
            return rows.order_by("-seq")
        return rows if people is None else rows.order_by("-pk")


class RoomSearch(Search):
    name = Words(label="Name or address")
    topic = Words(label="Topic")
    kind = Choice(ROOM_KINDS, label="Kind")
    state = Choice(ROOM_STATES, label="State")

    def filter(self, rows: QuerySet) -> QuerySet:
        values = self.values
        if name := values.get("name"):
            rows = rows.filter(
                Q(name__icontains=name) | Q(slug__icontains=name) | Q(pk__in=rooms_called(name))
            )
        if topic := values.get("topic"):
            rows = rows.filter(topic__icontains=topic)
        if kind := values.get("kind"):
            rows = rows.filter(kind=kind)
        state = values.get("state")
        if state == "open":
            rows = rows.filter(archived_at=None, deleted_at=None)
        if state in ("archived", "deleted"):
            rows = rows.filter(**{f"{state}_at__isnull": False})
        if state == "limited":
            rows = rows.filter(Q(is_locked=True) | Q(slow_mode__gt=0) | Q(calm_until__gt=now()))
        return rows


class MemberSearch(Search):
    person = Words(label="Person")
    room = Words(label="Room")
    role = Choice(ROLES, label="Role")

    def filter(self, rows: QuerySet) -> QuerySet:
        values = self.values
        rows = self.called(rows, person="user", room="room")
        return rows.filter(role=values["role"]) if "role" in values else rows
