"""The rows that the commands of one transaction need, loaded at once for any number of commands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import cast

from chat import permissions, ranks, standing
from chat.models import Membership, Message, Room, Sanction, User
from chat.refusals import Refusal

from . import mentions, row_queries, writing
from .command import Actor, Command, Key, Stored


class Rows:
    def __init__(self, commands: Sequence[Command], *, is_retry: bool = False) -> None:
        """Lock the rooms and load the other rows. Call this inside a transaction.

        With `is_retry` the actors are read again, and messages that were stored before are loaded. Both are
        rarely needed, so the first attempt lets a foreign key or the unique constraint fail.
        """
        room_ids = {command.room_id for command in commands}
        rooms = Room.objects.lock(room_ids)
        self.now = cast(datetime, next((room.now for room in rooms), None))  # the database's clock
        self._is_retry = is_retry
        self._rooms = {room.pk: room for room in rooms}
        self._users: dict[int, User] = {}
        self._memberships: dict[tuple[int, int], Membership] = {}
        self._messages: dict[tuple[int, int], Message] = {}  # by room id and seq
        self._posted: dict[Key, Stored] = {}
        self._mentionable: dict[tuple[int, int], User] = {}  # by room id and user id
        self._sanctions: dict[int, list[Sanction]] = {}  # in force, by user id; only of unknown actors
        self._load(commands, room_ids)

    def _load(self, commands: Sequence[Command], room_ids: set[int]) -> None:
        if targets := {
            (command.room_id, command.target_seq) for command in commands if command.target_seq is not None
        }:
            self._messages = row_queries.messages(targets)
        authors = self._authors_moderated(commands)
        if unknown := {command.actor_id for command in commands if self._known(command) is None}:
            self._users = User.objects.in_bulk(unknown | authors)
            self._sanctions = standing.in_force(self._users[id] for id in unknown & self._users.keys())
        if self._need_roles(commands):
            actors = {command.actor_id for command in commands}
            self._memberships = row_queries.memberships(room_ids, actors | authors)
        if mentioned := {id for command in commands for id in command.mentions.user_ids}:
            self._mentionable = mentions.members(room_ids, mentioned)
        self._keys = {command.key for command in commands if command.key}
        self._looked_up = {
            command.key for command in commands if command.key and self._may_be_stored(command)
        }
        if self._looked_up:
            self._posted = row_queries.posted(self._looked_up)

    def _need_roles(self, commands: Sequence[Command]) -> bool:
        rooms = self._rooms.values()
        return any(room.is_private or writing.needs_rank(room) for room in rooms) or any(
            command.needs_role for command in commands
        )

    def _authors_moderated(self, commands: Sequence[Command]) -> set[int]:
        """The authors of the messages that others hide or restore: their ranks decide."""
        targets = [self._messages.get((c.room_id, c.target_seq or 0)) for c in commands if c.is_moderation]
        return {message.author_id for message in targets if message is not None}

    def _known(self, command: Command) -> User | None:
        """The actor's row as the caller knows it, unless somebody decided since who may write in the room.

        The number is read in the row that is locked, so it is exact. Other actors are read after the lock.
        """
        room = self._rooms.get(command.room_id)
        if self._is_retry or room is None or room.decisions != command.known_decisions:
            return None
        return None if writing.needs_rank(room) else command.known_actor

    def _may_be_stored(self, command: Command) -> bool:
        """Whether to look for the message before its post is tried: after a failure, in rooms that hold
        messages, and for authors with a sanction. They are still answered for a message stored before.
        """
        room = self._rooms.get(command.room_id)
        is_held = room is not None and room.has_held
        return self._is_retry or is_held or bool(self._sanctions.get(command.actor_id))

    # ── for the commands ─────────────────────────────────────────────────────────────────────────

    def actor(self, command: Command) -> Actor:
        """Raises Refusal: banned, removed; no_room, if the room does not exist or the user may not see it.

        Site moderators may moderate in private rooms too, since the admin shows them.
        """
        room = self._rooms.get(command.room_id)
        user = self._known(command) or self._users.get(command.actor_id)
        if room is None or user is None:
            raise Refusal("no_room")
        if not command.needs_access:
            return Actor(room, user, None)
        standing.refuse_if_barred(user.pk, self._sanctions.get(user.pk, ()), room.pk)
        membership = self._memberships.get((room.pk, user.pk))
        moderates = command.is_moderation and permissions.may_moderate(user, membership)
        if not moderates and not permissions.may_see(user, room, membership):
            raise Refusal("no_room")
        return Actor(room, user, membership)

    def sanctions_of(self, user: User) -> Sequence[Sanction]:
        """Those in force, of an actor who was read in this transaction."""
        return self._sanctions.get(user.pk, [])

    def message(self, command: Command) -> Message:
        """The message that a command changes or replies to. Raises Refusal: no_message."""
        message = self._messages.get((command.room_id, command.target_seq or 0))
        if message is None:
            raise Refusal("no_message")
        return message

    def rank(self, room_id: int, user_id: int) -> ranks.Rank:
        """The rank in a room of an actor, or of an author whose message is moderated."""
        return ranks.rank(self._users[user_id], self._memberships.get((room_id, user_id)))

    def posted(self, key: Key) -> Stored | None:
        """The message with this key, if it is in this transaction, or was stored before and looked up."""
        return self._posted.get(key)

    def stored(self, key: Key) -> Stored | None:
        """The message with this key, if it was stored before.

        The first call looks up the keys of all commands: a thousand refused ones would take as many queries
        under the lock.
        """
        if key not in self._looked_up:
            self._posted |= row_queries.posted(self._keys - self._looked_up)
            self._looked_up = self._keys
        return self._posted.get(key)
