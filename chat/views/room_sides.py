"""The lists beside the messages of a room page, people and rooms, and the headings of lists of rooms."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from chat.models import Room, User

MAX_PEOPLE = 100  # people listed
MAX_ROOMS = 40  # rooms listed


class Section(NamedTuple):
    """A part of a list of rooms with a heading. `name` is the same in js/room_sections.js."""

    name: str
    heading: str
    rooms: list[Room]


def people_beside(here: Room, user: User) -> list[User]:
    """The people who are present, and the user, who is about to be; at most MAX_PEOPLE."""
    fresh = here.presences.fresh().values("user")
    others = User.objects.filter(pk__in=fresh).exclude(pk=user.pk).order_by("name")[: MAX_PEOPLE - 1]
    return sorted([user, *others], key=lambda person: person.name.casefold())


def rooms_beside(here: Room, user: User) -> list[Room]:
    """The user's favourites and most recently active rooms, at most MAX_ROOMS, and the open one. In the order
    of the user, muted and archived ones last.
    """
    mine = Room.objects.visible_to(user).filter(memberships__user=user).listed_for(user)
    found = list(mine.by_activity()[:MAX_ROOMS])
    if here not in found:
        found += mine.filter(pk=here.pk)
    return sorted(found, key=lambda room: (room.archived_at is not None, room.is_muted, room.position))


def sections_beside(rooms: Iterable[Room]) -> list[Section]:
    """The headings of the list beside a room. An empty one is hidden: a script may fill it."""
    sections = {
        "favourites": Section("favourites", "Favourites", []),
        "mine": Section("mine", "Rooms", []),
        "direct": Section("direct", "Direct", []),
    }
    for room in rooms:
        name = "favourites" if room.favourite else "direct" if room.is_direct else "mine"
        sections[name].rooms.append(room)
    return list(sections.values())


def sections_of_lobby(rooms: Iterable[Room]) -> list[Section]:
    sections = {
        "mine": Section("mine", "Your rooms", []),
        "direct": Section("direct", "Direct", []),
        "others": Section("others", "Other rooms", []),
        "apart": Section("apart", "Muted and archived", []),
    }
    for room in rooms:
        sections[_part_of_lobby(room)].rooms.append(room)
    return list(sections.values())


def _part_of_lobby(room: Room) -> str:
    if room.is_muted or room.archived_at:
        return "apart"
    return "direct" if room.is_direct else "mine" if room.mine else "others"
