"""Changing a message: edit, delete, restore, react. Each says who may, and does it to a locked message.

All may be sent again safely: what is already so takes no number and is acknowledged as it is.
"""

from dataclasses import dataclass
from datetime import datetime

from chat import permissions, text
from chat.models import Membership, Message, User
from chat.refusals import Refusal

EMOJI_LENGTH = 16  # characters: a family of four is 11
EMOJI_PER_MESSAGE = 20
REACTIONS_PER_MESSAGE = 500  # a frame has to fit 64 KiB
CHANGED_FIELDS = ["rev", "text", "html", "html_version", "reactions", "edited_at", "deleted_at", "deleted_by"]


@dataclass(frozen=True, slots=True)
class Change:
    """Somebody wants to change message `seq` of a room."""

    room_id: int
    actor_id: int
    seq: int

    def apply(self, message: Message, actor: User, membership: Membership | None, now: datetime) -> bool:
        """True when the message is another now. Raises Refusal."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Edit(Change):
    text: str

    def apply(self, message: Message, actor: User, membership: Membership | None, now: datetime) -> bool:
        if not permissions.may_rewrite(actor, message):
            raise Refusal("not_yours")
        if message.deleted_at:
            raise Refusal("deleted")
        words = text.clean(self.text)
        if words == message.text:
            return False
        message.text, message.html, message.html_version = words, text.render(words), text.VERSION
        message.edited_at = now
        return True


@dataclass(frozen=True, slots=True)
class Delete(Change):
    """Leaves a tombstone; the words stay in the database, for `Restore`."""

    def apply(self, message: Message, actor: User, membership: Membership | None, now: datetime) -> bool:
        if not permissions.may_hide(actor, message, membership):
            raise Refusal("not_yours")
        if message.deleted_at:
            return False
        message.deleted_at, message.deleted_by = now, actor
        return True


@dataclass(frozen=True, slots=True)
class Restore(Change):
    def apply(self, message: Message, actor: User, membership: Membership | None, now: datetime) -> bool:
        if not permissions.may_moderate(actor, membership):
            raise Refusal("not_yours")
        if not message.deleted_at:
            return False
        message.deleted_at, message.deleted_by = None, None
        return True


@dataclass(frozen=True, slots=True)
class React(Change):
    emoji: str
    on: bool

    def apply(self, message: Message, actor: User, membership: Membership | None, now: datetime) -> bool:
        if message.deleted_at:
            raise Refusal("deleted")
        if not text.is_emoji(self.emoji) or len(self.emoji) > EMOJI_LENGTH:
            raise Refusal("bad_emoji")
        who = message.reactions.get(self.emoji, [])
        if self.on == (actor.pk in who):
            return False
        if self.on:
            _refuse_crowds(message, self.emoji)
            message.reactions[self.emoji] = [*who, actor.pk]
        elif len(who) > 1:
            message.reactions[self.emoji] = [user for user in who if user != actor.pk]
        else:
            del message.reactions[self.emoji]
        return True


def _refuse_crowds(message: Message, emoji: str) -> None:
    crowds = message.reactions.values()
    new = emoji not in message.reactions
    if sum(map(len, crowds)) >= REACTIONS_PER_MESSAGE or (new and len(crowds) >= EMOJI_PER_MESSAGE):
        raise Refusal("too_many_reactions")
