"""What the live lobby reads from the database: all rooms that somebody lists, in at most four queries.

Snapshots share the rooms that did not change, so two of them are compared by identity.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

import msgspec
from django.db.models import Aggregate, Count, OuterRef, Q, Subquery, TextField
from msgspec.structs import replace

from chat import frames
from chat.models import Membership, Message, Presence, Room
from chat.models.room import UNREAD_COUNTED

NEWEST = 50  # rooms, by age, that each snapshot has: so a new one is noticed

read_marks = msgspec.json.Decoder(dict[int, int]).decode
read_seqs = msgspec.json.Decoder(list[int]).decode


class Row(NamedTuple):
    id: int
    slug: str
    name: str
    topic: str
    kind: str
    head: int


class Line:
    """A room as the lobby shows it. Only `unread` differs between two people."""

    def __init__(self, row: Row, people: int, last_at: datetime | None, seqs: list[int]) -> None:
        self.row = row
        self.people = people
        self.last_at = last_at
        self.seqs = seqs  # of the latest messages, UNREAD_COUNTED at most, oldest first
        self._events: dict[int, str] = {}  # encoded, by `unread`

    @property
    def is_private(self) -> bool:
        return self.row.kind == Room.PRIVATE

    def event_for(self, last_read: int | None) -> str:
        """The encoded `room` event, made once for all people with as many unread messages."""
        unread = self._unread(last_read)
        event = self._events.get(unread)
        if event is None:
            event = self._events[unread] = frames.encode(self._state(unread))
        return event

    def moved(self, last_read: int | None, former: str) -> str:
        """The same for a person who knows the room by another address."""
        return frames.encode(replace(self._state(self._unread(last_read)), former=former or msgspec.UNSET))

    def _unread(self, last_read: int | None) -> int:
        return 0 if last_read is None else len(self.seqs) - bisect_right(self.seqs, last_read)

    def _state(self, unread: int) -> frames.RoomState:
        _, slug, name, topic, kind, head = self.row
        return frames.RoomState(slug, name, topic, kind, head, self.people, unread, self.last_at)


class Question(NamedTuple):
    rooms: Collection[int]
    slugs: Collection[str]
    users: Collection[int]


class Snapshot:
    def __init__(self, lines: dict[int, Line], newest: Collection[int], marks: Mapping[int, str]) -> None:
        self.lines = lines  # by room id
        self.newest = newest  # ids of the newest rooms
        self.marks = marks  # user id → {room id: last_read} as JSON, of the rooms they are a member of
        self._read: dict[int, dict[int, int]] = {}

    @cached_property
    def ids(self) -> dict[str, int]:
        return {line.row.slug: id for id, line in self.lines.items()}

    def last_read(self, user_id: int) -> dict[int, int]:
        """Of each of this person's rooms, if it is private or somebody lists it."""
        if user_id not in self._read:
            self._read[user_id] = read_marks(self.marks.get(user_id, "{}"))
        return self._read[user_id]

    def changed_rooms(self, before: Snapshot) -> set[int]:
        both = self.lines.keys() | before.lines.keys()
        return {id for id in both if self.lines.get(id) is not before.lines.get(id)}

    def changed_users(self, before: Snapshot) -> set[int]:
        return {user for user, marks in self.marks.items() if before.marks.get(user) != marks}

    def appeared(self, before: Snapshot) -> set[int]:
        """New public rooms. A transaction may commit later than one with a higher id."""
        if before is NOTHING:
            return set()
        oldest = min(before.newest) if len(before.newest) == NEWEST else 0
        new = set(self.newest) - set(before.newest)
        return {id for id in new if id > oldest and not self.lines[id].is_private}


NOTHING = Snapshot({}, (), {})


def take(question: Question, before: Snapshot) -> Snapshot:
    """In a thread. `before` is the last snapshot, whose unchanged rooms are taken over."""
    rows = read_rows(question)
    people = read_people(rows)
    marks = read_memberships(rows, question.users)
    moved = [id for id, row in rows.items() if row.head and row.head != head_of(before, id)]
    latest = read_latest(moved) if moved else {}
    lines = {}
    for id, row in rows.items():
        old, here = before.lines.get(id), people.get(id, 0)
        if old and old.row == row and old.people == here:
            lines[id] = old
        elif id in latest:
            lines[id] = Line(row, here, *latest[id])
        else:
            lines[id] = Line(row, here, old.last_at if old else None, old.seqs if old else [])
    return Snapshot(lines, sorted(rows)[-NEWEST:], marks)


def head_of(snapshot: Snapshot, room_id: int) -> int:
    line = snapshot.lines.get(room_id)
    return line.row.head if line else 0


def read_rows(question: Question) -> dict[int, Row]:
    newest = Room.objects.order_by("-pk").values("pk")[:NEWEST]
    slugs = [slug for slug in question.slugs if slug.isprintable()]  # PostgreSQL takes no NUL
    wanted = Q(pk__among=question.rooms) | Q(slug__among=slugs) | Q(pk__in=newest)
    found = Room.objects.filter(wanted).order_by().values_list(*Row._fields)
    return {row[0]: Row(*row) for row in found}


def read_people(rooms: Collection[int]) -> dict[int, int]:
    fresh = Presence.objects.fresh().filter(room__among=rooms).order_by().values("room")
    return dict(fresh.annotate(people=Count("user", distinct=True)).values_list("room", "people"))


def read_memberships(rooms: Collection[int], users: Collection[int]) -> dict[int, str]:
    """As one text for each user, which is only parsed when it differs from the last one."""
    concerned = Q(room__among=rooms) | Q(room__kind=Room.PRIVATE)
    found = Membership.objects.filter(concerned, user__among=users).order_by().values("user")
    marks = found.annotate(marks=ObjectOf("room", "last_read")).values_list("user", "marks")
    return dict.fromkeys(users, "{}") | dict(marks)


def read_latest(rooms: Collection[int]) -> dict[int, tuple[datetime | None, list[int]]]:
    """When the last message of each room was written, and the numbers of its latest messages."""
    messages = Message.objects.filter(room=OuterRef("pk")).order_by("-seq")
    found = Room.objects.filter(pk__among=rooms).order_by().annotate(
        latest=Subquery(messages.values("created_at")[:1]),
        seqs=ListOf(messages.values("seq")[:UNREAD_COUNTED]),
    )  # fmt: skip
    rows = found.values_list("pk", "latest", "seqs")
    return {id: (last_at, sorted(read_seqs(seqs or "[]"))) for id, last_at, seqs in rows}


class ObjectOf(Aggregate):
    """{key: value, …} of a group's rows, as JSON text."""

    function = "json_group_object"
    arity = 2
    output_field = TextField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "%(function)s(%(expressions)s)::text"
        return self.as_sql(compiler, connection, function="json_object_agg", template=template, **context)


class ListOf(Subquery):
    """The `seq`s of a subquery's rows, as JSON text."""

    template = "(SELECT json_group_array(seq) FROM (%(subquery)s) listed)"
    output_field = TextField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "(SELECT json_agg(seq)::text FROM (%(subquery)s) listed)"
        return self.as_sql(compiler, connection, template=template, **context)
