"""A change of a stored message, and the edit of its text."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from chat import permissions, text
from chat.models import Message
from chat.refusals import Refusal

from ..batch import Batch
from ..command import Actor, Command
from ..screening import against


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
