"""One transaction for many commands. This is the only module that increments `Room.head`.

Each visible change takes its room's next number under the lock of the room's row, which is held until COMMIT.
So the order of commits is the order of numbers, and a reader never sees n + 1 before n.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter
from typing import cast

from django.db import connection
from django.db.models import Q

from chat import events, permissions, ranks, standing
from chat.models import HeldMessage, Membership, Message, Room, Sanction, User, Version
from chat.refusals import Refusal

from . import audit, mentions, writing
from .command import Actor, Command, Key, Stored
from .screening import Screening

# A new message writes every column (`MessageQuerySet.append`), a change only these.
CHANGED_FIELDS = [
    "rev",
    "text",
    "html",
    "html_version",
    "mentions",
    "mentions_all",
    "reactions",
    "reaction_order",
    "edited_at",
    "deleted_at",
    "deleted_by",
]


class Batch:
    """The rows that the commands of one transaction need, loaded at once, and the changes to write."""

    def __init__(self, commands: Sequence[Command], *, is_retry: bool = False) -> None:
        """Lock the rooms and load the other rows. Call this inside a transaction.

        With `is_retry` the actors are read again, and messages that were stored before are loaded. Both are
        rarely needed, so the first attempt lets a foreign key or the unique constraint fail.
        """
        room_ids = {command.room_id for command in commands}
        rooms = Room.objects.lock(room_ids)
        self.now = cast(datetime, next((room.now for room in rooms), None))  # the database's clock
        self.screening = Screening(rooms, commands, self.now)
        self._new: list[Message] = []
        self._changed: dict[int, Message] = {}
        self._versions: list[Version] = []
        self._decisions: list[audit.Decision] = []
        self._is_retry = is_retry
        self._rooms = {room.pk: room for room in rooms}
        self._users: dict[int, User] = {}
        self._memberships: dict[tuple[int, int], Membership] = {}
        self._messages: dict[tuple[int, int], Message] = {}  # by room id and seq
        self._posted: dict[Key, Stored] = {}
        self._mentionable: dict[tuple[int, int], User] = {}  # by room id and user id
        self._sanctions: dict[int, list[Sanction]] = {}  # in force, by user id; only of unknown actors
        if targets := {
            (command.room_id, command.target_seq) for command in commands if command.target_seq is not None
        }:
            self._load_messages(targets)
        authors = self._authors_moderated(commands)
        if unknown := {command.actor_id for command in commands if self._known(command) is None}:
            self._users = User.objects.in_bulk(unknown | authors)
            self._sanctions = standing.in_force(self._users[id] for id in unknown & self._users.keys())
        if any(room.is_private or writing.needs_rank(room) for room in rooms) or any(
            command.needs_role for command in commands
        ):
            self._load_memberships(room_ids, {command.actor_id for command in commands} | authors)
        if mentioned := {id for command in commands for id in command.mentions.user_ids}:
            self._mentionable = mentions.members(room_ids, mentioned)
        holding = {room.pk for room in rooms if is_retry or room.has_held}
        if keys := {command.key for command in commands if command.room_id in holding and command.key}:
            self._load_posted(keys)

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

    def _load_memberships(self, room_ids: set[int], user_ids: set[int]) -> None:
        found = Membership.objects.filter(room__in=room_ids, user__in=user_ids)
        self._memberships = {(membership.room_id, membership.user_id): membership for membership in found}

    def _load_messages(self, keys: set[tuple[int, int]]) -> None:
        seqs = defaultdict(list)
        for room_id, seq in keys:
            seqs[room_id].append(seq)
        query = Q()
        for room_id in seqs:
            query |= Q(room=room_id, seq__in_array=seqs[room_id])
        found = Message.objects.filter(query).with_state()
        self._messages = {(message.room_id, message.seq): message for message in found}
        for message in found:
            original = self._messages.get((message.room_id, message.reply_to or 0))
            if original is not None:  # one object for both, as this transaction may change it
                message.original, message.quoted_names = original, None

    def _load_posted(self, keys: set[Key]) -> None:
        """Runs after the rooms are locked, so it sees the messages that another process stored before."""
        authors, client_ids = zip(*keys, strict=True)
        found = Message.objects.filter(author__in=set(authors), client_id__in=set(client_ids)).with_state()
        held = HeldMessage.objects.filter(author__in=set(authors), client_id__in=set(client_ids))
        stored: list[Stored] = [*held, *found]  # a message replaces the held one that became it
        self._posted |= {(each.author_id, each.client_id): each for each in stored}

    def actor(self, command: Command) -> Actor:
        """Raises Refusal: banned, removed; no_room, if the room does not exist or the user may not see it.

        Site moderators may moderate in private rooms too, since the admin shows them.
        """
        room = self._rooms.get(command.room_id)
        user = self._known(command) or self._users.get(command.actor_id)
        if room is None or user is None:
            raise Refusal("no_room")
        standing.refuse_if_barred(user.pk, self._sanctions.get(user.pk, ()), room.pk)
        membership = self._memberships.get((room.pk, user.pk))
        moderates = command.is_moderation and permissions.may_moderate(user, membership)
        if not moderates and not permissions.may_see(user, room, membership):
            raise Refusal("no_room")
        return Actor(room, user, membership)

    def refuse_unless_may_write(self, actor: Actor) -> None:
        """Raises Refusal: those of `writing.refuse_unless_may_write`."""
        room, user, membership = actor
        writing.refuse_unless_may_write(room, user, membership, self.sanctions_of(user), self.now)

    def sanctions_of(self, user: User) -> Sequence[Sanction]:
        """Those in force, of an actor who was read in this transaction."""
        return self._sanctions.get(user.pk, [])

    def refuse_too_soon(self, actor: Actor) -> None:
        """Slow mode. Raises Refusal: slow_mode."""
        self.screening.refuse_too_soon(actor.room, actor.user, ranks.rank(actor.user, actor.membership))

    def cause_to_hold(self, command: Command, actor: Actor) -> str | None:
        """Why a message must wait for approval, if it must."""
        rank = ranks.rank(actor.user, actor.membership)
        return self.screening.cause_to_hold(command, actor.room, actor.user, rank)

    def message(self, command: Command) -> Message:
        """The message that a command changes or replies to. Raises Refusal: no_message."""
        message = self._messages.get((command.room_id, command.target_seq or 0))
        if message is None:
            raise Refusal("no_message")
        return message

    def rank(self, room_id: int, user_id: int) -> ranks.Rank:
        """The rank in a room of an actor, or of an author whose message is moderated."""
        return ranks.rank(self._users[user_id], self._memberships.get((room_id, user_id)))

    def record(self, decision: audit.Decision) -> None:
        """Append the decision to the audit log when the batch is saved."""
        self._decisions.append(decision)

    def posted(self, key: Key) -> Stored | None:
        """The message with this key, if it is in this transaction or, with `is_retry`, was stored before."""
        return self._posted.get(key)

    def stored(self, key: Key) -> Stored | None:
        """The message with this key, if it was stored before. Reads it unless it is a retry."""
        if not self._is_retry:
            self._load_posted({key})
        return self._posted.get(key)

    def mention(self, message: Message, command: Command, actor: Actor) -> None:
        """Store who is mentioned: members of the room. Other ids are shown as an unknown person.

        Raises Refusal: not_all, if the actor may not mention all members.
        """
        room_id, found = message.room_id, command.mentions
        if found.everyone and not permissions.may_mention_all(actor.user, actor.room, actor.membership):
            raise Refusal("not_all")
        people = [self._mentionable.get((room_id, id)) for id in found.user_ids]
        mentions.set_mentions(message, [user for user in people if user], everyone=found.everyone)

    def keep_version(self, message: Message) -> None:
        """Store what the message says now, before an edit replaces it."""
        version = Version(message=message, text=message.text, html=message.html, replaced_at=self.now)
        self._versions.append(version)

    def add(self, message: Message, command: Command) -> None:
        """Number a new message, to be stored by `save`."""
        message.seq = self._number(message)
        self._new.append(message)
        self._posted[message.author_id, message.client_id] = message
        self.screening.posted(message, command)

    def hold(self, held: HeldMessage) -> HeldMessage:
        """Keep a message for approval, to be stored by `save`. Raises Refusal: too_many_held."""
        self._posted[held.author_id, held.client_id] = self.screening.hold(held)
        return held

    def change(self, message: Message) -> None:
        """Number a changed message, to be stored by `save`. Its changes in one transaction share a number."""
        if message.pk not in self._changed:
            self._number(message)
            self._changed[message.pk] = message

    def _number(self, message: Message) -> int:
        room = self._rooms[message.room_id]
        room.head += 1
        message.rev = room.head
        return room.head

    def save(self) -> None:
        """Write new and changed messages and the rooms' heads. They are broadcast after COMMIT."""
        changed = list(self._changed.values())
        if self._new:
            Message.objects.append(self._new)
        if changed:
            Message.objects.bulk_update(changed, CHANGED_FIELDS)
        if self._versions:
            Version.objects.bulk_create(self._versions)
        mentions.save_rows(self._new, changed)
        by_room = defaultdict(list)
        for message in sorted(self._new + changed, key=attrgetter("rev")) if changed else self._new:
            by_room[message.room_id].append(message)
        heads = [(self._rooms[room_id].head, room_id) for room_id in by_room]
        if heads:
            # Not `bulk_update`, which takes longer to build its CASE than the database to run it.
            with connection.cursor() as cursor:
                cursor.executemany("UPDATE chat_room SET head = %s WHERE id = %s", heads)
        for room_id, messages in by_room.items():
            events.publish_changes(self._rooms[room_id], messages)
        audit.record(self._decisions + self.screening.save())  # last: see there
