"""Delete a message, hide it as a moderator, and show it again."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ClassVar

from chat import permissions, ranks
from chat.models import Message
from chat.refusals import Refusal

from .. import audit
from ..batch import Batch
from ..command import Actor
from .change import Change

UNDO_WITHIN = timedelta(seconds=60)  # the page offers it for 10 s; a reconnect may take longer


@dataclass(slots=True)
class Moderation(Change):
    """A change that moderators may make to messages of others. The audit log has those."""

    is_moderation: ClassVar[bool] = True
    writes: ClassVar[bool] = False  # a muted person may delete their own messages

    reason: str = ""
    address: str = ""  # the moderator's IP address, if this is not an HTTP request
    details: dict[str, Any] = field(default_factory=dict)  # for the audit log

    @property
    def needs_role(self) -> bool:
        return True

    def decide(self, action: str, message: Message, actor: Actor, batch: Batch) -> None:
        """Check the ranks, and record the decision. Raises Refusal: not_above_you."""
        room, user = actor.room, actor.user
        author = batch.rank(room.pk, message.author_id)
        ranks.require("hide", batch.rank(room.pk, user.pk), on=author)
        batch.record(
            audit.Decision(
                action,
                by=user,
                person=message.author,
                room=room,
                seq=message.seq,
                reason=self.reason,
                details=self.details,
                address=self.address,
            )
        )


@dataclass(slots=True)
class Delete(Moderation):
    """An author deletes a message, or a moderator hides it. The database keeps the text, for `Restore`."""

    def change(self, message: Message, actor: Actor, batch: Batch) -> bool:
        if not permissions.may_hide(actor.user, message, actor.membership):
            raise Refusal("not_yours")
        is_own = actor.user.pk == message.author_id
        if message.deleted_at and (is_own or message.deleted_by_id != message.author_id):
            return False
        # A moderator also hides what the author just deleted: otherwise the author could take it back.
        if not is_own:
            self.decide("hide", message, actor, batch)
        message.deleted_at, message.deleted_by = batch.now, actor.user
        message.pinned_at = None
        message.mentions_are_stale |= bool(message.mentions)
        return True


@dataclass(slots=True)
class Restore(Moderation):
    """A moderator shows a message again, or an author takes back their own deletion."""

    def change(self, message: Message, actor: Actor, batch: Batch) -> bool:
        if not permissions.may_restore(actor.user, message, actor.membership):
            raise Refusal("not_yours")
        if not message.deleted_at:
            return False
        if message.is_purged:
            raise Refusal("too_late")
        if not permissions.may_moderate(actor.user, actor.membership):
            batch.refuse_unless_may_write(actor)  # who takes back a deletion writes
            if batch.now - message.deleted_at > UNDO_WITHIN:
                raise Refusal("too_late")
        if not message.author_id == actor.user.pk == message.deleted_by_id:
            self.decide("restore", message, actor, batch)
        message.deleted_at, message.deleted_by = None, None
        message.mentions_are_stale |= bool(message.mentions)
        return True
