"""Held messages: they wait until a moderator approves or refuses them, or their author withdraws them.

The lock on the room's row decides between two moderators, an author who withdraws, and a repeated post.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from django.db import transaction
from django.db.models import QuerySet

from chat import events, text
from chat.models import HeldMessage, Message, Room, User
from chat.models.held_message import ANSWER_LENGTH
from chat.refusals import Refusal

from . import audit
from .batch import Batch
from .command import Actor
from .draft import Draft
from .held_rows import count_again, decide, decision, lock, refuse_decided, require_moderator
from .messages import post
from .prepared import rendered
from .writing import read_only, refuse_sanctioned

KEPT_OUT = {"no_room", "banned", "removed", "muted", "acknowledge_first"}  # refusals that concern the author


def waiting_in(room: Room) -> QuerySet[HeldMessage]:
    """The messages that wait in this room, oldest first, for its moderators."""
    return HeldMessage.objects.waiting().filter(room=room).select_related("author").order_by("pk")


def approve(held: HeldMessage, *, by: User) -> Message:
    """Post a held message now, as a message of its author.

    Raises Refusal: not_allowed; already_decided, with who decided what; author_sanctioned, if the author was
    muted or banned meanwhile; no_room; read_only, if the room is archived; no_message, if it answers a
    message that was purged; unavailable.
    """
    approval = Approval(
        held.room_id, held.author_id, held.client_id, held.text, held.reply_to, held_id=held.pk, by=by
    )
    (done,) = post([approval])
    if isinstance(done, Refusal):
        raise Refusal("author_sanctioned") if done.code in KEPT_OUT else done
    assert isinstance(done, Message)
    return done


def refuse(held: HeldMessage, *, by: User, answer: str = "") -> HeldMessage:
    """Refuse a held message. Its author is told `answer`.

    Raises Refusal: not_allowed, already_decided, too_long, characters, no_room.
    """
    answer = text.clean_line(answer, ANSWER_LENGTH)
    with transaction.atomic():
        held = lock(held)
        require_moderator(held.room, by)
        refuse_decided(held)
        decide(held, by, approved=False, answer=answer)
        audit.record([decision(held, by, answer)])
    return held


def withdraw(held: HeldMessage, *, by: User) -> HeldMessage:
    """The author withdraws a message that waits, or has read why it was refused.

    Raises Refusal: no_message, if it is somebody else's; already_decided, if it was approved.
    """
    if held.author_id != by.pk:
        raise Refusal("no_message")
    with transaction.atomic():
        held = lock(held)
        if held.approved:
            refuse_decided(held)
        held.told_at = held.told_at or held.room.now
        if held.decided_at is None:
            decide(held, by, approved=False, fields=["told_at"])
        else:
            held.save(update_fields=["told_at"])
            count_again(held.room)
            events.revoke(held.author_id)
    return held


@dataclass(slots=True, kw_only=True)
class Approval(Draft):
    """A moderator posts a held message of its author. Rules and modes do not apply again."""

    follows_rules: ClassVar[bool] = False

    held_id: int
    by: User

    def prepare(self) -> None:
        """The text was cleaned and masked before it was held."""
        if self.prepared is None:
            self.prepared = rendered(self.text)

    def apply(self, batch: Batch, actor: Actor) -> Message:
        require_moderator(actor.room, self.by)
        held = HeldMessage.objects.select_related("room", "decided_by").get(pk=self.held_id)
        refuse_decided(held)
        stored = batch.stored(self.key)
        if isinstance(stored, Message):  # the rules changed, and its author sent it again
            message = stored
        else:
            refuse_sanctioned(actor.room, actor.user, batch.sanctions_of(actor.user))
            if actor.room.archived_at:
                raise read_only("This room is archived.", actor.room)
            message = self.message(batch, actor)
            batch.add(message, self)
        held.room = actor.room
        decide(held, self.by, approved=True)
        batch.record(decision(held, self.by, seq=message.seq))
        return message
