"""The lists beside the messages of a room page, people and rooms, and the headings of lists of rooms."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce

from chat.models import Message, Room, User, titles
from chat.models.room_lists import PEOPLE_COUNTED

MAX_PEOPLE = 100  # people listed, as over the socket (live/feeds/people.py)
MAX_COUNTED = 1_000  # people counted; a script shows the exact number at once
MAX_ROOMS = 40  # rooms listed
MAX_DIRECT = 40  # direct conversations listed
LATEST_DIRECT = (Coalesce("last_at", "created_at").desc(), "-pk")


class Section(NamedTuple):
    """A part of a list of rooms with a heading. `name` is the same in js/room_sections.js. With `has_more` it
    links to a page with all of them.
    """

    name: str
    heading: str
    rooms: list[Room]
    has_more: bool = False


def people_beside(here: Room, user: User) -> list[User]:
    """The people who are present, and the user, who is about to be; at most MAX_PEOPLE. The cost is the same
    in a room with more people, since an index has their ids in order.
    """
    fresh = here.presences.fresh().exclude(user=user).order_by("user").values("user").distinct()
    others = User.objects.filter(pk__in=fresh[: MAX_PEOPLE - 1])
    return sorted([user, *others], key=lambda person: person.name.casefold())


def count_people(here: Room, listed: Room | None, shown: int) -> tuple[int, bool]:
    """How many people are present, at most MAX_COUNTED, and whether there may be more.

    `listed`: the room as listed, with a count that ends at PEOPLE_COUNTED. `shown`: people listed.
    """
    counted = listed.people if listed else 0
    if counted >= PEOPLE_COUNTED:
        fresh = here.presences.fresh().order_by("user").values("user").distinct()
        counted = fresh[:MAX_COUNTED].count()
    return max(counted, shown), counted == MAX_COUNTED


def shown_number(count: int, has_more: bool) -> str:
    """A number of people: "1,900", or "1,000+" if there may be more. Empty for none."""
    return f"{count:,}{'+' if has_more else ''}" if count else ""


def rooms_beside(here: Room, user: User) -> list[Room]:
    """The user's favourites and most recently active rooms, at most MAX_ROOMS, and the open one. In the order
    of the user, muted and archived ones last. Direct conversations are listed apart.
    """
    mine = Room.objects.visible_to(user).rooms().filter(memberships__user=user).listed_for(user)
    found = list(mine.by_activity()[:MAX_ROOMS])
    if here not in found and not here.is_direct:
        found += mine.filter(pk=here.pk)
    return sorted(found, key=in_own_order)


def direct_beside(here: Room | None, user: User) -> list[Room]:
    """The user's direct conversations, the latest message first, and the open one; at most MAX_DIRECT and
    one. One that nobody wrote in is listed by its beginning.
    """
    mine = Room.objects.visible_to(user).direct().listed_for(user)
    found = list(mine.order_by(*LATEST_DIRECT)[:MAX_DIRECT])
    if here is not None and here.is_direct and here not in found:
        found += mine.filter(pk=here.pk)
    titles.entitle(found, user)
    return sorted(found, key=in_own_order)


def direct_ids(user: User) -> list[int]:
    """The ids of these, for the lobby."""
    latest = Message.objects.filter(room=OuterRef("pk")).order_by("-seq").values("created_at")[:1]
    mine = Room.objects.visible_to(user).direct().annotate(last_at=Subquery(latest))
    return list(mine.order_by(*LATEST_DIRECT).values_list("pk", flat=True)[:MAX_DIRECT])


def in_own_order(room: Room) -> tuple[bool, bool, int]:
    return room.archived_at is not None, room.is_muted, room.position


def sections_beside(rooms: Collection[Room]) -> list[Section]:
    """The headings of the list beside a room. An empty one is hidden: a script may fill it."""
    sections = {
        "favourites": Section("favourites", "Favourites", []),
        "mine": Section("mine", "Rooms", []),
        "direct": _direct(rooms),
    }
    for room in rooms:
        name = "favourites" if room.favourite else "direct" if room.is_direct else "mine"
        sections[name].rooms.append(room)
    return list(sections.values())


def sections_of_lobby(rooms: Collection[Room], *, has_pages: bool) -> list[Section]:
    """`has_pages`: the list has only the latest direct conversations; a page of their own has all."""
    sections = {
        "mine": Section("mine", "Your rooms", []),
        "direct": _direct(rooms if has_pages else ()),
        "others": Section("others", "Other rooms", []),
        "apart": Section("apart", "Muted and archived", []),
    }
    for room in rooms:
        sections[_part_of_lobby(room)].rooms.append(room)
    return list(sections.values())


def _direct(rooms: Collection[Room]) -> Section:
    """Of an empty section. The latest MAX_DIRECT are listed, under this heading or another one."""
    return Section("direct", "Direct conversations", [], sum(room.is_direct for room in rooms) >= MAX_DIRECT)


def _part_of_lobby(room: Room) -> str:
    if room.is_muted or room.archived_at:
        return "apart"
    return "direct" if room.is_direct else "mine" if room.mine else "others"
