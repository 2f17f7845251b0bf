"""The command that posts a message."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from chat import text
from chat.mention_tokens import NO_MENTIONS
from chat.models import HeldMessage, Message, User
from chat.refusals import Refusal
from chat.rule_sets import HOLD

from .batch import Batch
from .command import Actor, Command, Key, Stored

CAUSE_LENGTH = 200  # characters; of HeldMessage.cause


@dataclass(slots=True)
class Draft(Command):
    """A message to post. `client_id` is the idempotency key, `reply_to` the seq of a message in the room."""

    client_id: UUID
    text: str
    reply_to: int | None = None
    author: User | None = None  # Command.known_actor
    known_decisions: int = 0  # the room's number for which `author` counts

    @property
    def needs_role(self) -> bool:
        return self.mentions.everyone or self._matches_hold

    @property
    def target_seq(self) -> int | None:
        return self.reply_to

    @property
    def key(self) -> Key:
        return self.actor_id, self.client_id

    @property
    def known_actor(self) -> User | None:
        return None if self.needs_role else self.author  # the role decides, and the author may be staff

    @property
    def written(self) -> str:
        return self.text

    @property
    def _matches_hold(self) -> bool:
        rule = self.prepared and self.prepared.stopped_by
        return rule is not None and rule.effect == HOLD

    def apply(self, batch: Batch, actor: Actor) -> Stored:
        stored = batch.posted(self.key) or self._stored_unless_may_write(batch, actor)
        if stored is None:
            return self._post(batch, actor)
        if stored.room_id != actor.room.pk:
            raise Refusal("client_id_reused")
        return stored

    def _stored_unless_may_write(self, batch: Batch, actor: Actor) -> Stored | None:
        """A person who may not write any more is still answered for a message that was stored before."""
        try:
            batch.refuse_unless_may_write(actor)
            batch.screening.refuse_by_rules(self)
            batch.refuse_too_soon(actor)
        except Refusal:
            if stored := batch.stored(self.key):
                return stored
            raise
        return None

    def _post(self, batch: Batch, actor: Actor) -> Stored:
        message = self.message(batch, actor)
        cause = batch.cause_to_hold(self, actor)
        if cause is None:
            batch.add(message, self)
            return message
        held = HeldMessage(
            room=actor.room,
            author=actor.user,
            client_id=self.client_id,
            text=message.text,
            reply_to=self.reply_to,
            cause=cause[:CAUSE_LENGTH],
        )
        return batch.hold(held)

    def message(self, batch: Batch, actor: Actor) -> Message:
        """The new message, without a number. Raises Refusal: no_message, not_all."""
        original = batch.message(self) if self.reply_to is not None else None
        assert self.prepared
        message = Message.objects.new(
            room=actor.room,
            author=actor.user,
            client_id=self.client_id,
            text=self.prepared.text,
            html=self.prepared.html,
            html_version=text.VERSION,
            reply_to=self.reply_to,
            created_at=batch.now,
        )
        if original is not None:
            message.original = original
        if self.mentions is not NO_MENTIONS:
            batch.mention(message, self, actor)
        return message
