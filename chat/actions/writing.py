"""Whether a person may write in a room now: post, reply, edit and react. Everything that forbids it is here.

It runs inside the transaction of a post, whose lock on the room's row makes it exact.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from chat import standing
from chat.models import Room, Sanction, User
from chat.ranks import Rank

WRITING = (Sanction.MUTE, Sanction.WARNING)  # sanctions that forbid only this


def needs_rank(room: Room) -> bool:
    """Whether a mode of the room exempts some ranks. Then each post there loads the author and their role."""
    return False


def refuse_unless_may_write(
    room: Room, user: User, rank: Rank, sanctions: Collection[Sanction], now: datetime
) -> None:
    """Raises Refusal: banned, removed, muted, acknowledge_first.

    `sanctions` are the person's in force. `rank` is exact only if `needs_rank(room)`. `now` is the database's
    clock.
    """
    standing.refuse_if_barred(user.pk, sanctions, room.pk)
    for sanction in standing.here(sanctions, room.pk):
        if sanction.kind in WRITING:
            raise standing.Sanctioned(sanction, user.pk)
    _refuse_by_modes(room, user, rank, now)


def _refuse_by_modes(room: Room, user: User, rank: Rank, now: datetime) -> None:
    """The modes of the room: slow mode, calm-down, lock, archive, and who can write."""
