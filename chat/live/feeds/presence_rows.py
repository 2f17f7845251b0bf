"""Presence rows in the database: written and read in threads, in a fixed number of statements."""

from collections.abc import Collection
from uuid import UUID

from django.db import IntegrityError
from django.db.models.functions import Now

from chat import frames
from chat.models import Presence, Room, User

from .presence import RoomUser


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
    Presence.objects.bulk_create(
        [Presence(process=process, room_id=room, user_id=user, seen_at=Now()) for room, user in here],
        update_conflicts=True,
        unique_fields=["room", "user", "process"],
        update_fields=["seen_at"],
    )


def existing(keys: Collection[RoomUser]) -> list[RoomUser]:
    """The keys whose room and user still exist."""
    rooms = Room.objects.filter(pk__in_array={room for room, _ in keys}).values_list("pk", flat=True)
    users = User.objects.filter(pk__in_array={user for _, user in keys}).values_list("pk", flat=True)
    known_rooms, known_users = set(rooms), set(users)
    return [(room, user) for room, user in keys if room in known_rooms and user in known_users]


def people_of(room_ids: Collection[int]) -> dict[int, dict[int, frames.User]]:
    """The people in these rooms through any process: {room id: {user id: user}}."""
    people: dict[int, dict[int, frames.User]] = {room: {} for room in room_ids}
    fresh = Presence.objects.fresh().filter(room__in=room_ids)
    columns = ("room", "user", "user__name", "user__is_guest", "user__picture")
    for room, *user in fresh.order_by("user__name").values_list(*columns).distinct():
        people[room][user[0]] = frames.person(*user)
    return people
