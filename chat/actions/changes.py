"""Commands that change a stored message: edit, delete, restore, react. Each checks the user's permission.

All are idempotent: a command without effect is acknowledged and takes no number.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ClassVar

from chat import emoji, permissions, ranks, text
from chat.models import Message
from chat.refusals import Refusal

from . import audit
from .batch import Batch
from .command import Actor, Command
from .screening import against

EMOJI_PER_MESSAGE = 20
REACTIONS_PER_MESSAGE = 500  # a message's event must fit into a frame
UNDO_WITHIN = timedelta(seconds=60)  # the page offers it for 10 s; a reconnect may take longer


@dataclass(slots=True)
class Change(Command):
    """A change of message `seq` of a room."""

    writes: ClassVar[bool] = True  # needs the permission to write: see actions.writing

    seq: int
    changed: bool = field(default=False, init=False)  # set by `apply`: whether the command had an effect

    @property
    def target_seq(self) -> int:
        return self.seq

    def apply(self, batch: Batch, actor: Actor) -> Message:
        if self.writes:
            batch.refuse_unless_may_write(actor)
        message = batch.message(self)
        self.changed = self.change(message, actor, batch)
        if self.changed:
            batch.change(message)
        return message

    def change(self, message: Message, actor: Actor, batch: Batch) -> bool:
        """Change the message. Returns whether it differs now. Raises Refusal."""
        raise NotImplementedError


@dataclass(slots=True)
class Edit(Change):
    text: str

    @property
    def needs_role(self) -> bool:
        return self.mentions.everyone

    @property
    def written(self) -> str:
        return self.text

    def change(self, message: Message, actor: Actor, batch: Batch) -> bool:
        if not permissions.may_rewrite(actor.user, message):
            raise Refusal("not_yours")
        if message.deleted_at:
            raise Refusal("deleted")
        assert self.prepared
        if self.prepared.text == message.text:
            return False
        batch.screening.refuse_by_rules(self)
        if self.prepared.stopped_by:  # an edit cannot wait: the message is shown already
            raise against(self.prepared.stopped_by)
        batch.mention(message, self, actor)  # first: a refusal must leave the message as it is
        batch.keep_version(message)
        message.text, message.html, message.html_version = *self.prepared[:2], text.VERSION
        message.edited_at = batch.now
        return True


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


@dataclass(slots=True)
class React(Change):
    emoji: str
    on: bool

    def prepare(self) -> None:
        known = emoji.qualified(self.emoji)
        if known is None:
            raise Refusal("bad_emoji")
        self.emoji = known

    def change(self, message: Message, actor: Actor, batch: Batch) -> bool:
        if message.deleted_at:
            raise Refusal("deleted")
        reactions = message.ordered_reactions()
        people = reactions.get(self.emoji, [])
        if self.on == (actor.user.pk in people):
            return False
        if self.on:
            _refuse_too_many(message, self.emoji)
            reactions[self.emoji] = [*people, actor.user.pk]
        elif len(people) > 1:
            reactions[self.emoji] = [user for user in people if user != actor.user.pk]
        else:
            del reactions[self.emoji]
        message.reactions, message.reaction_order = reactions, list(reactions)
        return True


def _refuse_too_many(message: Message, emoji: str) -> None:
    people = message.reactions.values()
    new = emoji not in message.reactions
    if sum(map(len, people)) >= REACTIONS_PER_MESSAGE or (new and len(people) >= EMOJI_PER_MESSAGE):
        raise Refusal("too_many_reactions")
