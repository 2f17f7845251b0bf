"""Titles of direct conversations: the names of the others, as one reader sees them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

from .membership import Membership

if TYPE_CHECKING:
    from .room import Room
    from .user import User

NAMED = 3  # people named in a title; of more, two are named and the others counted
ALONE = "Nobody else"  # the accounts of the others were deleted

Names = Mapping[int, str]  # display names by user id


def title_of(people: Names, reader_id: int) -> str:
    """“Ayu”, “Ayu and Budi”, “Ayu, Budi and Citra” or “Ayu, Budi and 2 others”: all but the reader."""
    names = [name for id, name in sorted(people.items(), key=_by_name) if id != reader_id]
    if len(names) > NAMED:
        names = [*names[: NAMED - 1], f"{len(names) - NAMED + 1} others"]
    if len(names) < 2:
        return names[0] if names else ALONE
    return f"{', '.join(names[:-1])} and {names[-1]}"


def people_of(room_ids: Collection[int]) -> dict[int, dict[int, str]]:
    """The display names of the people in each of these direct conversations, by room id and user id."""
    people: dict[int, dict[int, str]] = defaultdict(dict)
    if room_ids:
        found = Membership.objects.filter(room__in_array=room_ids)
        for room_id, user_id, name in found.values_list("room", "user", "user__name"):
            people[room_id][user_id] = name
    return people


def entitle(rooms: Iterable[Room], reader: User) -> None:
    """Set the titles of the direct conversations among these rooms. One query, and none without any."""
    direct = [room for room in rooms if room.is_direct]
    people = people_of([room.pk for room in direct])
    for room in direct:
        room.shown_title = title_of(people.get(room.pk, {}), reader.pk)


def _by_name(person: tuple[int, str]) -> tuple[str, int]:
    return person[1].casefold(), person[0]
