"""Whether a person may write in a room now: post, reply, edit and react. Everything that forbids it is here.

It runs inside the transaction of a post, whose lock on the room's row makes it exact.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models.functions import Now

from chat import ranks, standing
from chat.limits.buckets import in_words
from chat.models import Membership, Room, Sanction, User
from chat.ranks import Rank
from chat.refusals import Refusal

WRITING = (Sanction.MUTE, Sanction.WARNING)  # sanctions that forbid only this


def needs_rank(room: Room) -> bool:
    """Whether a mode of the room exempts some ranks. Then each post there loads the author and their role.

    The room is locked.
    """
    return bool(
        room.slow_mode
        or room.is_locked
        or room.is_calm(room.now)
        or room.posters != Room.EVERYONE
        or room.approve_first
    )


def refuse_unless_may_write(
    room: Room,
    user: User,
    membership: Membership | None,
    sanctions: Collection[Sanction],
    now: datetime,
) -> None:
    """Raises Refusal: banned, removed, muted, acknowledge_first, read_only, blocked, accounts_only,
    members_only.

    `sanctions` are the person's in force. The membership and the user's columns are exact only if
    `needs_rank(room)`. `now` is the database's clock.
    """
    refuse_sanctioned(room, user, sanctions)
    if room.archived_at:
        raise read_only("This room is archived.", room)
    if room.is_blocked:
        raise Refusal("blocked")
    if ranks.rank(user, membership) >= Rank.ROOM_MODERATOR:
        return
    if room.is_locked:
        raise read_only("This room is locked: only moderators can write.", room)
    if room.is_calm(now):
        assert room.calm_until
        wait = in_words(milliseconds(room.calm_until - now))
        raise read_only(f"This room takes a break. You can write again in {wait}.", room)
    if room.posters == Room.ACCOUNTS and user.is_guest:
        raise Refusal("accounts_only")
    if room.posters == Room.MEMBERS and membership is None:
        raise Refusal("members_only")


def may_write(room_id: int, user_id: int) -> bool:
    """Whether the user may write in the room at this moment, without a lock: for hints such as typing."""
    room = Room.objects.filter(pk=room_id).annotate(database_now=Now()).first()
    user = User.objects.filter(pk=user_id).first()
    if room is None or user is None:
        return False
    membership = Membership.objects.filter(room=room, user=user).first()
    try:
        refuse_unless_may_write(
            room, user, membership, standing.in_force([user]).get(user_id, ()), room.database_now
        )
    except Refusal:
        return False
    return True


def refuse_sanctioned(room: Room, user: User, sanctions: Collection[Sanction]) -> None:
    """Raises Refusal: banned, removed, muted, acknowledge_first."""
    standing.refuse_if_barred(user.pk, sanctions, room.pk)
    for sanction in standing.here(sanctions, room.pk):
        if sanction.kind in WRITING:
            raise standing.Sanctioned(sanction, user.pk)


def read_only(what: str, room: Room) -> Refusal:
    return Refusal("read_only", what=f"{what} {room.notice}".strip())


def too_soon(room: Room, wait: timedelta) -> Refusal:
    """The refusal of a message in slow mode. The client sends it again by itself after `wait`."""
    left = milliseconds(wait)
    every = in_words(room.slow_mode * 1_000)
    return Refusal("slow_mode", retry_after_ms=left, every=every, wait=in_words(left))


def milliseconds(time: timedelta) -> int:
    """Rounded up: a message that is sent again after so many is not too soon."""
    return -(time // timedelta(milliseconds=-1))
