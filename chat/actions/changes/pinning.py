"""Pin a message, so that everybody finds it in the list of the room, and unpin it."""

from __future__ import annotations

from dataclasses import dataclass

from chat import ranks
from chat.models import Message
from chat.refusals import Refusal

from .. import audit
from ..batch import Batch
from ..command import Actor
from .change import Change

PINNED = 50  # messages of one room at most


@dataclass(slots=True)
class Pin(Change):
    on: bool
    address: str = ""  # the moderator's IP address, if this is not an HTTP request

    @property
    def needs_role(self) -> bool:
        return True

    def change(self, message: Message, actor: Actor, batch: Batch) -> bool:
        room, user = actor.room, actor.user
        if room.is_direct:
            raise Refusal("no_room")
        ranks.require("pin", ranks.rank(user, actor.membership))
        if self.on == (message.pinned_at is not None):
            return False
        if self.on and message.deleted_at:
            raise Refusal("deleted")
        if self.on and len(batch.pinned_in(room.pk)) >= PINNED:
            raise Refusal("too_many_pins", limit=PINNED)
        message.pinned_at = batch.now if self.on else None
        action = "pin" if self.on else "unpin"
        batch.record(audit.Decision(action, user, message.author, room, message.seq, address=self.address))
        return True
