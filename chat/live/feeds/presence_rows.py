"""Presence rows in the database: written and read in threads, in a fixed number of statements."""

import json
from collections.abc import Collection, Mapping
from typing import NamedTuple
from uuid import UUID

import msgspec
from django.db import IntegrityError, connection
from django.db.models import Count, OuterRef, Sum
from django.db.models.functions import Now

from chat import frames
from chat.models import Presence, Room, User
from chat.models.json_list import JsonList
from chat.models.membership import NOW

from .people import LISTED, Crowded, People
from .presence import RoomUser

# `bulk_create` takes 80 µs of processor time for each row. {} is the time.
CONFLICT = "ON CONFLICT (room_id, user_id, process) DO UPDATE SET seen_at = excluded.seen_at"
POSTGRESQL = """
    INSERT INTO chat_presence (process, room_id, user_id, seen_at)
    SELECT %s::uuid, *, {} FROM unnest(%s::bigint[], %s::bigint[])
"""
SQLITE = """
    INSERT INTO chat_presence (process, room_id, user_id, seen_at)
    SELECT %s, value ->> 0, value ->> 1, {} FROM json_each(%s) WHERE true
"""

decode_ids = msgspec.json.Decoder(list[int]).decode


class Seen(NamedTuple):
    """The presence rows of a room. Other rows have another sum of ids, since no id is used twice."""

    present: int  # people
    rows: int
    sum_of_ids: int


NOBODY = Seen(0, 0, 0)


def store(process: UUID, here: Collection[RoomUser], gone: Collection[RoomUser]) -> None:
    """Write the rows of people who are here, and delete those of people who are gone."""
    try:
        write(process, here)
    except IntegrityError:  # a room or a user was deleted; the other rows must still be written
        write(process, existing(here))
    if gone:
        rows = Presence.objects.filter(process=process, room_id__in_array={room for room, _ in gone})
        found = rows.filter(user_id__in_array={user for _, user in gone}).values_list("pk", "room", "user")
        ids = [pk for pk, room, user in found if (room, user) in gone]
        Presence.objects.filter(pk__in_array=ids).delete()


def refresh(process: UUID, here: Collection[RoomUser]) -> None:
    """Renew the time of this process's rows. `here` is everybody who is in a room through this process."""
    rows = Presence.objects.filter(process=process).update(seen_at=Now())
    if rows < len(here):  # some were deleted, such as by `manage.py tidy` after an outage
        store(process, here, ())


def write(process: UUID, here: Collection[RoomUser]) -> None:
    if not here:
        return
    id = Presence._meta.get_field("process").get_db_prep_value(process, connection)
    now = NOW[connection.vendor]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            rooms, users = zip(*here, strict=True)
            cursor.execute(POSTGRESQL.format(now) + CONFLICT, [id, list(rooms), list(users)])
        else:
            cursor.execute(SQLITE.format(now) + CONFLICT, [id, json.dumps([*here])])


def existing(keys: Collection[RoomUser]) -> list[RoomUser]:
    """The keys whose room and user still exist."""
    rooms = Room.objects.filter(pk__in_array={room for room, _ in keys}).values_list("pk", flat=True)
    users = User.objects.filter(pk__in_array={user for _, user in keys}).values_list("pk", flat=True)
    known_rooms, known_users = set(rooms), set(users)
    return [(room, user) for room, user in keys if room in known_rooms and user in known_users]


def read_people(seen: Mapping[int, Seen | None]) -> dict[int, tuple[Seen, People]]:
    """The people in these rooms through any process, and the rows seen; by room id.

    Rooms whose rows are those `seen` before are left out. Of each room at most LISTED people are read.
    """
    rows = see(seen)
    changed = {room: rows.get(room, NOBODY) for room in seen if rows.get(room, NOBODY) != seen[room]}
    crowds = {room for room, now in changed.items() if now.present > LISTED}
    people: dict[int, People] = everybody_in(changed.keys() - crowds)
    for room, listed in first_in(crowds).items():
        people[room] = Crowded(listed, changed[room].present)
    return {room: (now, people[room]) for room, now in changed.items()}


def see(room_ids: Collection[int]) -> dict[int, Seen]:
    fresh = Presence.objects.fresh().filter(room__in_array=room_ids).order_by().values("room")
    counted = fresh.annotate(people=Count("user", distinct=True), rows=Count("pk"), ids=Sum("pk"))
    return {room: Seen(*row) for room, *row in counted.values_list("room", "people", "rows", "ids")}


def everybody_in(room_ids: Collection[int]) -> dict[int, People]:
    people: dict[int, People] = {room: {} for room in room_ids}
    if room_ids:
        fresh = Presence.objects.fresh().filter(room__in_array=room_ids).order_by("user__name")
        columns = ("room", "user", "user__name", "user__is_guest", "user__picture")
        for room, *user in fresh.values_list(*columns).distinct():
            people[room][user[0]] = frames.person(*user)
    return people


def first_in(room_ids: Collection[int]) -> dict[int, People]:
    """The people with the LISTED lowest ids in each room: an index has them in this order."""
    if not room_ids:
        return {}
    fresh = Presence.objects.fresh().filter(room=OuterRef("pk")).order_by("user_id")
    ids = JsonList(fresh.values("user_id").distinct()[:LISTED], column="user_id")
    rooms = Room.objects.filter(pk__in_array=room_ids).order_by().annotate(ids=ids)
    listed = {room: decode_ids(text or "[]") for room, text in rooms.values_list("pk", "ids")}
    users = User.objects.filter(pk__in_array=set[int]().union(*listed.values()))
    known = {user[0]: frames.person(*user) for user in users.values_list("pk", "name", "is_guest", "picture")}
    return {room: {id: known[id] for id in listed.get(room, ()) if id in known} for room in room_ids}
