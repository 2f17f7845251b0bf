"""Hide and restore messages of others, and look into a private room. The audit log has each of these."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter

from chat import ranks, text
from chat.models import Message, Room, User
from chat.models.sanction import REASON_LENGTH
from chat.refusals import Refusal

from . import audit
from .changes import Delete, Restore
from .messages import post

AT_ONCE = 500  # messages hidden in one transaction, which locks their rooms


def hide(messages: Iterable[Message], *, by: User, reason: str = "") -> list[Message]:
    """Hide messages from all readers. Returns the changed ones: none without permission.

    Raises Refusal: too_long, characters, for the reason.
    """
    return _change(Delete, messages, by, reason)


def restore(messages: Iterable[Message], *, by: User, reason: str = "") -> list[Message]:
    """Show hidden or deleted messages again, with their text. Returns the changed ones."""
    return _change(Restore, messages, by, reason)


def view_private(room: Room, *, by: User, reason: str) -> None:
    """Record that a site moderator looks into a private room. Call it before the content is shown.

    Raises Refusal: not_allowed, reason_empty, too_long, characters.
    """
    ranks.require("see_private", ranks.rank(by))
    reason = text.clean_line(reason, REASON_LENGTH)
    if not reason:
        raise Refusal("reason_empty")
    with audit.together():
        audit.record([audit.Decision("view_private", by=by, room=room, reason=reason)])


def _change(
    kind: type[Delete] | type[Restore], messages: Iterable[Message], by: User, reason: str
) -> list[Message]:
    """Parts are in the order of rooms and numbers: inside a larger transaction, they lock rooms in order."""
    reason = text.clean_line(reason, REASON_LENGTH)
    is_hiding = kind is Delete
    concerned = [message for message in messages if (message.deleted_at is None) == is_hiding]
    concerned.sort(key=attrgetter("room_id", "seq"))
    changed: list[Message] = []
    for start in range(0, len(concerned), AT_ONCE):
        part = [kind(each.room_id, by.pk, each.seq, reason) for each in concerned[start : start + AT_ONCE]]
        done = zip(part, post(part), concerned[start:], strict=False)
        changed += [each for one, result, each in done if one.changed and isinstance(result, Message)]
    return changed
