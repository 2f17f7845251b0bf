"""The lists beside the messages of a room page: the people in the room, and the user's rooms."""

from chat.models import Room, User

MAX_PEOPLE = 100  # people listed
MAX_ROOMS = 40  # rooms listed


def people_beside(here: Room, user: User) -> list[User]:
    """The people who are present, and the user, who is about to be; at most MAX_PEOPLE."""
    fresh = here.presences.fresh().values("user")
    others = User.objects.filter(pk__in=fresh).exclude(pk=user.pk).order_by("name")[: MAX_PEOPLE - 1]
    return sorted([user, *others], key=lambda person: person.name.casefold())


def rooms_beside(here: Room, user: User) -> list[Room]:
    """The user's most recently active rooms and the open one, by name and archived ones last.

    At most MAX_ROOMS and one.
    """
    mine = Room.objects.visible_to(user).filter(memberships__user=user).listed_for(user)
    found = list(mine.by_activity()[:MAX_ROOMS])
    if here not in found:
        found += mine.filter(pk=here.pk)
    return sorted(found, key=lambda room: (room.archived_at is not None, room.name.casefold()))
