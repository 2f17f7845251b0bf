"""The people of direct conversations in a snapshot of the lobby, whose names are the titles."""

from __future__ import annotations

from datetime import timedelta

from django.db.models.functions import Now

from chat.models import Room, User
from chat.models.titles import Names, people_of

from .lobby_room import RoomRow
from .lobby_snapshot import Snapshot


def read_members(rows: dict[int, RoomRow], before: Snapshot, seconds: float) -> dict[int, Names]:
    """By room id. They are read once, and again after one had a new name in these last seconds.

    At most two queries, and none without direct conversations.
    """
    direct = {id for id, row in rows.items() if row.kind == Room.DIRECT}
    known = {id: before.rooms[id].members or {} for id in direct & before.rooms.keys()}
    renamed = renamed_within(seconds) if known else set()
    stale = {id for id, people in known.items() if renamed.intersection(people)} if renamed else set()
    read = people_of((direct - known.keys()) | stale)
    return {id: read.get(id) or known.get(id, {}) for id in direct}


def renamed_within(seconds: float) -> set[int]:
    found = User.objects.filter(renamed_at__gt=Now() - timedelta(seconds=seconds))
    return set(found.values_list("pk", flat=True))
