"""Titles of rooms for a person: the name, or of a direct conversation the names of the others."""

from collections import defaultdict
from collections.abc import Sequence

from chat.models import Membership, Room, User


def titles(rooms: Sequence[Room], user: User) -> dict[int, str]:
    """The titles by the id of the room. One query if there is a direct conversation."""
    found = {room.pk: room.name for room in rooms}
    direct = [room.pk for room in rooms if room.is_direct]
    if direct:
        others: dict[int, list[str]] = defaultdict(list)
        members = Membership.objects.filter(room__in=direct).exclude(user=user).order_by("user__name")
        for room_id, name in members.values_list("room", "user__name"):
            others[room_id].append(name)
        found |= {id: ", ".join(others[id]) or user.name for id in direct}
    return found
