"""Hide and restore messages of others, and look into a private room. The audit log has each of these."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter

from chat import ranks
from chat.models import Message, Room, User
from chat.refusals import Refusal

from . import audit
from .changes import Delete, Restore
from .messages import post

AT_ONCE = 500  # messages hidden in one transaction, which locks their rooms


def hide(messages: Iterable[Message], *, by: User, reason: str = "") -> list[Message]:
    """Hide messages from all readers. Returns the changed ones: none without permission."""
    return _change(Delete, messages, by, reason)


def restore(messages: Iterable[Message], *, by: User, reason: str = "") -> list[Message]:
    """Show hidden or deleted messages again, with their text. Returns the changed ones."""
    return _change(Restore, messages, by, reason)


def view_private(room: Room, *, by: User, reason: str) -> None:
    """Record that a site moderator looks into a private room. Call it before the content is shown.

    Raises Refusal: not_allowed, no_reason.
    """
    ranks.require("see_private", ranks.rank(by))
    if not reason.strip():
        raise Refusal("no_reason")
    with audit.together():
        audit.record([audit.Decision("view_private", by=by, room=room, reason=reason)])


def _change(
    kind: type[Delete] | type[Restore], messages: Iterable[Message], by: User, reason: str
) -> list[Message]:
    """Parts are in the order of rooms and numbers: inside a larger transaction, they lock rooms in order."""
    is_hiding = kind is Delete
    concerned = [message for message in messages if (message.deleted_at is None) == is_hiding]
    concerned.sort(key=attrgetter("room_id", "seq"))
    changed: list[Message] = []
    for start in range(0, len(concerned), AT_ONCE):
        part = concerned[start : start + AT_ONCE]
        results = post([kind(message.room_id, by.pk, message.seq, reason) for message in part])
        changed += [message for message, done in zip(part, results, strict=True) if isinstance(done, Message)]
    return changed
