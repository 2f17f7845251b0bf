"""React to a message with an emoji, or take that back."""

from __future__ import annotations

from dataclasses import dataclass

from chat import emoji
from chat.models import Message
from chat.refusals import Refusal

from ..batch import Batch
from ..command import Actor
from .change import Change

EMOJI_PER_MESSAGE = 20
REACTIONS_PER_MESSAGE = 500  # a message's event must fit into a frame


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
