"""The base of all commands: a change of a room's messages that a user requests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple
from uuid import UUID

from chat import text
from chat.mention_tokens import NO_MENTIONS, Mentions, mentions_in
from chat.models import Membership, Message, Room, User

Key = tuple[int, UUID]  # (author id, idempotency key)


class Actor(NamedTuple):
    """A user in a room that they may see."""

    room: Room
    user: User
    membership: Membership | None  # loaded for private rooms, and for commands that need a role


@dataclass(slots=True)
class Command:
    """A change that a user requests in a room."""

    is_moderation: ClassVar[bool] = False  # site moderators may do it in rooms that they cannot see

    room_id: int
    actor_id: int

    @property
    def needs_role(self) -> bool:
        """Whether `apply` needs the actor's membership in a public room as well."""
        return False

    @property
    def mentions(self) -> Mentions:
        """The mentions in the text, once `prepare` has rendered it."""
        return NO_MENTIONS

    @property
    def characters(self) -> int:
        """The length of the text that `prepare` renders."""
        return 0

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

    def apply(self, batch: Any, actor: Actor) -> Message:
        """Make the change, inside the transaction. Returns the resulting message. Raises Refusal.

        `batch` is a Batch, which imports this module.
        """
        raise NotImplementedError


def rendered(written: str) -> tuple[str, str, Mentions]:
    """The text as it is stored, its HTML, and the mentions in it. Raises Refusal."""
    cleaned = text.clean(written)
    html = text.render(cleaned)
    return cleaned, html, mentions_in(html)
