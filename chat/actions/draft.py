"""The command that posts a message."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from chat import text
from chat.mention_tokens import NO_MENTIONS, Mentions
from chat.models import Message, User
from chat.refusals import Refusal

from .batch import Batch
from .command import Actor, Command, Key, rendered


@dataclass(slots=True)
class Draft(Command):
    """A message to post. `client_id` is the idempotency key, `reply_to` the seq of a message in the room."""

    client_id: UUID
    text: str
    reply_to: int | None = None
    author: User | None = None  # Command.known_actor
    known_decisions: int = 0  # the room's number for which `author` counts
    html: str | None = None  # set by `prepare`, as are the mentions
    mentions: Mentions = NO_MENTIONS

    @property
    def needs_role(self) -> bool:
        return self.mentions.everyone

    @property
    def target_seq(self) -> int | None:
        return self.reply_to

    @property
    def key(self) -> Key:
        return self.actor_id, self.client_id

    @property
    def known_actor(self) -> User | None:
        return None if self.mentions.everyone else self.author  # @all depends on the author's permissions

    @property
    def characters(self) -> int:
        return len(self.text)

    def prepare(self) -> None:
        if self.html is None:
            self.text, self.html, self.mentions = rendered(self.text)

    def apply(self, batch: Batch, actor: Actor) -> Message:
        message = batch.posted(self.key) or self._stored_unless_may_write(batch, actor)
        if message is None:
            return self._post(batch, actor)
        if message.room_id != actor.room.pk:
            raise Refusal("client_id_reused")
        return message

    def _stored_unless_may_write(self, batch: Batch, actor: Actor) -> Message | None:
        """A person who may not write any more is still answered for a message that was stored before."""
        try:
            batch.refuse_unless_may_write(actor)
        except Refusal:
            if stored := batch.stored(self.key):
                return stored
            raise
        return None

    def _post(self, batch: Batch, actor: Actor) -> Message:
        original = batch.message(self) if self.reply_to is not None else None
        assert self.html is not None
        message = Message(
            room=actor.room,
            author=actor.user,
            client_id=self.client_id,
            text=self.text,
            html=self.html,
            html_version=text.VERSION,
            reply_to=self.reply_to,
            created_at=batch.now,
        )
        if original is not None:
            message.original = original
        if self.mentions is not NO_MENTIONS:
            batch.mention(message, self, actor)
        batch.add(message)
        return message
