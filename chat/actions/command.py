"""The base of all commands: a change of a room's messages that a user requests."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple
from uuid import UUID

from chat.mention_tokens import NO_MENTIONS, Mentions
from chat.models import HeldMessage, Membership, Message, Room, User

from . import rule_cache
from .prepared import Prepared, prepare

Key = tuple[int, UUID]  # (author id, idempotency key)
Stored = Message | HeldMessage  # what a command results in


class Actor(NamedTuple):
    """A user in a room that they may see."""

    room: Room
    user: User
    membership: Membership | None  # loaded for private rooms, and for commands that need a role


@dataclass(slots=True)
class Command:
    """A change that a user requests in a room."""

    is_moderation: ClassVar[bool] = False  # site moderators may do it in rooms that they cannot see
    needs_access: ClassVar[bool] = True  # the user is active, and may see the room
    follows_rules: ClassVar[bool] = True  # its text is matched with the word and link rules

    room_id: int
    actor_id: int
    prepared: Prepared | None = field(default=None, init=False)  # set by `prepare`, if the command has a text

    @property
    def needs_role(self) -> bool:
        """Whether `apply` needs the actor's membership in a public room as well."""
        return False

    @property
    def written(self) -> str | None:
        """The text of the command, as the user wrote it."""
        return None

    @property
    def mentions(self) -> Mentions:
        """The mentions in the text, once it is prepared."""
        return self.prepared.mentions if self.prepared else NO_MENTIONS

    @property
    def characters(self) -> int:
        """The length of the text that `prepare` renders."""
        return len(self.written or "")

    @property
    def target_seq(self) -> int | None:
        """`seq` of the existing message that `apply` needs, if any."""
        return None

    @property
    def key(self) -> Key | None:
        """The author and the idempotency key of a command that creates a message."""
        return None

    @property
    def known_actor(self) -> User | None:
        """The actor's row, if the caller read it less than a second ago. Only an author's columns are set.

        It counts only if `known_decisions` is the room's number: see `Batch`.
        """
        return None

    @property
    def known_decisions(self) -> int:
        """Room.decisions as the caller read it, before it read that the actor has no sanctions in force."""
        return 0

    def prepare(self) -> None:
        """Validate and render, without the database. Runs before the transaction. Raises Refusal."""
        if self.prepared is None and self.written is not None:
            self.prepared = prepare(self.written, rule_cache.known(self.room_id))

    def apply(self, batch: Any, actor: Actor) -> Stored:
        """Make the change, inside the transaction. Returns the resulting message, which may be held for
        approval. Raises Refusal.

        `batch` is a Batch, which imports this module.
        """
        raise NotImplementedError
