"""The queries of a lobby snapshot: at most five, for any number of rooms and users."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

import msgspec
from django.db.models import Aggregate, Count, Func, OuterRef, Q, Subquery, TextField

from chat.models import FormerSlug, Membership, Message, Presence, Room
from chat.models.json_list import JsonList
from chat.models.room_queries import UNREAD_COUNTED

from .lobby_snapshot import NEWEST_ROOMS, LobbyRoom, RoomRow, Snapshot, Watched

decode_seqs = msgspec.json.Decoder(list[int]).decode


def read_snapshot(watched: Watched, before: Snapshot) -> Snapshot:
    """Runs in a thread. Unchanged rooms are taken over from `before`, the last snapshot."""
    rows = read_rows(watched)
    former = read_former_slugs(watched, rows)
    people = count_people(rows)
    marks = read_memberships(rows, watched.users)
    changed = [id for id, row in rows.items() if row.head and row.head != head_of(before, id)]
    latest = read_latest(changed) if changed else {}
    rooms = {}
    for id, row in rows.items():
        old, count = before.rooms.get(id), people.get(id, 0)
        if old and old.row == row and old.people == count:
            rooms[id] = old
        elif id in latest:
            rooms[id] = LobbyRoom(row, count, *latest[id])
        else:
            known = (old.last_at, old.seqs, old.all_seqs) if old else (None, [], [])
            rooms[id] = LobbyRoom(row, count, *known)
    return Snapshot(rooms, sorted(rows)[-NEWEST_ROOMS:], marks, former)


def head_of(snapshot: Snapshot, room_id: int) -> int:
    room = snapshot.rooms.get(room_id)
    return room.row.head if room else 0


def read_rows(watched: Watched) -> dict[int, RoomRow]:
    newest = Room.objects.order_by("-pk").values("pk")[:NEWEST_ROOMS]
    slugs = printable(watched.slugs)
    former = FormerSlug.objects.filter(slug__in_array=slugs).values("room")
    concerned = Q(pk__in_array=watched.rooms) | Q(slug__in_array=slugs) | Q(pk__in=former) | Q(pk__in=newest)
    found = Room.objects.existing().filter(concerned).order_by().values_list(*RoomRow._fields)
    return {row[0]: RoomRow(*row) for row in found}


def read_former_slugs(watched: Watched, rows: dict[int, RoomRow]) -> dict[str, int]:
    """The ids of rooms that were made private after a page listed them under their former slug."""
    unknown = set(printable(watched.slugs)) - {row.slug for row in rows.values()}
    if not unknown:
        return {}
    found = FormerSlug.objects.filter(slug__in_array=unknown).order_by("pk").values_list("slug", "room")
    return {slug: id for slug, id in found if id in rows}


def printable(slugs: Collection[str]) -> list[str]:
    """PostgreSQL accepts no NUL."""
    return [slug for slug in slugs if slug.isprintable()]


def count_people(rooms: Collection[int]) -> dict[int, int]:
    fresh = Presence.objects.fresh().filter(room__in_array=rooms).order_by().values("room")
    return dict(fresh.annotate(people=Count("user", distinct=True)).values_list("room", "people"))


def read_memberships(rooms: Collection[int], users: Collection[int]) -> dict[int, str]:
    """The marks of each user as one JSON text. It is parsed only when it differs from the last one."""
    concerned = Q(room__in_array=rooms) | Q(room__kind=Room.PRIVATE)
    found = Membership.objects.filter(concerned, user__in_array=users).order_by().values("user")
    marks = JsonObject("room", JsonPair("last_read", "mentions"))
    return dict.fromkeys(users, "{}") | dict(found.annotate(marks=marks).values_list("user", "marks"))


def read_latest(rooms: Collection[int]) -> dict[int, tuple[datetime | None, list[int], list[int]]]:
    """The time of each room's last message, and the numbers of its latest messages and mentions of all."""
    messages = Message.objects.filter(room=OuterRef("pk")).order_by("-seq")
    found = Room.objects.filter(pk__in_array=rooms).order_by().annotate(
        latest=Subquery(messages.values("created_at")[:1]),
        seqs=JsonList(messages.values("seq")[:UNREAD_COUNTED], column="seq"),
        of_all=JsonList(
            messages.filter(mentions_all=True, deleted_at=None).values("seq")[:UNREAD_COUNTED],
            column="seq",
        ),
    )  # fmt: skip
    rows = found.values_list("pk", "latest", "seqs", "of_all")
    return {id: (last_at, decoded(seqs), decoded(of_all)) for id, last_at, seqs, of_all in rows}


def decoded(seqs: str | None) -> list[int]:
    return sorted(decode_seqs(seqs or "[]"))


class JsonObject(Aggregate):
    """{key: value, …} of a group's rows, as JSON text."""

    function = "json_group_object"
    arity = 2
    output_field = TextField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "%(function)s(%(expressions)s)::text"
        return self.as_sql(compiler, connection, function="json_object_agg", template=template, **context)


class JsonPair(Func):
    """[a, b] as JSON."""

    function = "json_array"
    output_field = TextField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, function="json_build_array", **context)
