"""Why a room is not visible to a user: instead of a 404 they learn about their removal or ban."""

from uuid import UUID

from chat import standing
from chat.models import Room, User


def refuse_barred(user: User, slug: str, epoch: UUID | None = None) -> None:
    """Raises Sanctioned, if the user was removed from this room or is banned from it."""
    room = Room.objects.filter(deleted_at=None).at(slug, epoch) if user.is_sanctioned else None
    if room is not None:
        standing.refuse_barred(user, room.pk)
