"""The messages that a room page opens with, and the first one of other people that its user has not read.

Messages of ignored people do not count.
"""

from collections.abc import Sequence
from typing import NamedTuple

from chat.models import Message, Room, User

from .history import LIMIT, page

SEARCHED = 10_000  # numbers after the read mark; a user can have as many messages of their own there


class Opening(NamedTuple):
    """`earlier`, `later`: whether there are more messages. `first_unread`: a seq, perhaps not on the page."""

    messages: Sequence[Message]
    earlier: bool
    later: bool
    first_unread: int | None


def opening(room: Room, user: User, last_read: int, around: int | None) -> Opening:
    """The messages around one, else around the first unread one, else the latest.

    Only a page on which everything is unread takes further queries.
    """
    found, earlier, later = page(room, LIMIT, around=around)
    later = later and around is not None
    unread = _first_unread(found, user, last_read)
    reaches_back = not earlier or not found or found[0].seq <= last_read
    if not reaches_back or (unread is None and later):
        unread = _query_first_unread(room, user, last_read)
    if around is None and unread is not None and unread < found[0].seq:
        return Opening(*page(room, LIMIT, around=unread), unread)
    return Opening(found, earlier, later, unread)


def _first_unread(messages: Sequence[Message], user: User, last_read: int) -> int | None:
    left_out = {user.pk, *user.ignored}
    unread = (one.seq for one in messages if one.seq > last_read and one.author_id not in left_out)
    return next(unread, None)


def _query_first_unread(room: Room, user: User, last_read: int) -> int | None:
    near = room.messages.filter(seq__gt=last_read, seq__lte=last_read + SEARCHED)
    return (
        near.exclude(author__in=[user.pk, *user.ignored])
        .order_by("seq")
        .values_list("seq", flat=True)
        .first()
    )
