"""The lists beside the messages of a room page: the people in the room, and the user's rooms
and direct conversations."""

from django.db.models.functions import Coalesce

from chat.models import Room, User, titles

MAX_PEOPLE = 100  # people listed
MAX_ROOMS = 40  # rooms listed
MAX_DIRECT = 40  # direct conversations listed


def people_beside(here: Room, user: User) -> list[User]:
    """The people who are present, and the user, who is about to be; at most MAX_PEOPLE."""
    fresh = here.presences.fresh().values("user")
    others = User.objects.filter(pk__in=fresh).exclude(pk=user.pk).order_by("name")[: MAX_PEOPLE - 1]
    return sorted([user, *others], key=lambda person: person.name.casefold())


def rooms_beside(here: Room, user: User) -> list[Room]:
    """The user's most recently active rooms and the open one, by name and archived ones last.

    At most MAX_ROOMS and one. Direct conversations are listed apart.
    """
    mine = Room.objects.visible_to(user).rooms().filter(memberships__user=user).listed_for(user)
    found = list(mine.by_activity()[:MAX_ROOMS])
    if here not in found and not here.is_direct:
        found += mine.filter(pk=here.pk)
    return sorted(found, key=lambda room: (room.archived_at is not None, room.name.casefold()))


def direct_beside(here: Room | None, user: User) -> list[Room]:
    """The user's direct conversations, the latest message first, and the open one; at most MAX_DIRECT and
    one. One that nobody wrote in is listed by its beginning.
    """
    mine = Room.objects.visible_to(user).direct().listed_for(user)
    found = list(mine.order_by(Coalesce("last_at", "created_at").desc(), "-pk")[:MAX_DIRECT])
    if here is not None and here.is_direct and here not in found:
        found += mine.filter(pk=here.pk)
    titles.entitle(found, user)
    return found
