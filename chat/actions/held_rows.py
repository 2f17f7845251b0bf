"""The common part of decisions about a held message: its row, locked with its room, and the permission."""

from __future__ import annotations

from chat import events, ranks, standing
from chat.models import HeldMessage, Room, User
from chat.refusals import Refusal

from . import audit, authority


def require_moderator(room: Room, by: User) -> None:
    by = User.objects.get(pk=by.pk)
    standing.refuse_barred(by, room.pk)
    ranks.require("decide_held", authority.rank_in(room, by))


def lock(held: HeldMessage) -> HeldMessage:
    rooms = Room.objects.lock([held.room_id])
    if not rooms:
        raise Refusal("no_room")
    held = HeldMessage.objects.select_related("author", "decided_by").get(pk=held.pk)
    held.room = rooms[0]
    return held


def refuse_decided(held: HeldMessage) -> None:
    if held.decided_at is None:
        return
    outcome = "approved" if held.approved else "refused"
    if held.decided_by_id == held.author_id:
        outcome = "withdrawn"
    raise Refusal("already_decided", who=held.decided_by or "Somebody", outcome=outcome)


def decide(
    held: HeldMessage, by: User, *, approved: bool, answer: str = "", fields: list[str] | None = None
) -> None:
    held.decided_at, held.decided_by, held.approved, held.answer = held.room.now, by, approved, answer
    held.save(update_fields=["decided_at", "decided_by", "approved", "answer", *(fields or [])])
    count_again(held.room)
    events.revoke(held.author_id)


def count_again(room: Room) -> None:
    """`Room.has_held`, under the lock of the room."""
    has_held = HeldMessage.objects.unanswered().filter(room=room).exists()
    if has_held != room.has_held:
        room.has_held = has_held
        room.save(update_fields=["has_held"])


def decision(held: HeldMessage, by: User, answer: str = "", seq: int | None = None) -> audit.Decision:
    details = {"held": held.pk, "approved": held.approved}
    return audit.Decision(
        "decide_held", by, person=held.author, room=held.room, seq=seq, reason=answer, details=details
    )
