"""Find a room for a user. Instead of a 404 they learn about their removal or ban."""

from uuid import UUID

from django.http import Http404

from chat import standing
from chat.models import Room, User, titles


def visible_room(user: User, slug: str, *, epoch: UUID | None = None) -> Room:
    """The room with this slug or former slug (see `RoomQuerySet.at`).

    Raises Http404 if there is none or if it is not visible to `user`; the two cases look the same. Raises
    Sanctioned if the user was removed from it or is banned.
    """
    found = Room.objects.visible_to(user).at(slug, epoch)
    if found is None:
        refuse_barred(user, slug, epoch)
        raise Http404
    titles.entitle([found], user)
    return found


def named_room(user: User, slug: str) -> Room:
    """Like `visible_room`, without direct conversations: they have no page, no settings and no owner.

    Raises Http404, Sanctioned.
    """
    room = visible_room(user, slug)
    if room.is_direct:
        raise Http404
    return room


def refuse_barred(user: User, slug: str, epoch: UUID | None = None) -> None:
    """Raises Sanctioned, if the user was removed from this room or is banned from it."""
    room = Room.objects.filter(deleted_at=None).at(slug, epoch) if user.is_sanctioned else None
    if room is not None:
        standing.refuse_barred(user, room.pk)
