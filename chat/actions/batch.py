"""One transaction for many commands. This is the only module that increments `Room.head`.

Each visible change takes its room's next number under the lock of the room's row, which is held until COMMIT.
So the order of commits is the order of numbers, and a reader never sees n + 1 before n.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from operator import attrgetter

from chat import events, permissions, ranks
from chat.models import HeldMessage, Message, Room, Version
from chat.refusals import Refusal
from chat.search.words import search_text

from . import audit, mentions, writing
from .command import Actor, Command
from .rows import Rows
from .screening import Screening

# A new message writes every column (`MessageInserts.append`), a change only these.
CHANGED_FIELDS = [
    "rev",
    "text",
    "html",
    "html_version",
    "search_text",
    "mentions",
    "mentions_all",
    "reactions",
    "reaction_order",
    "edited_at",
    "deleted_at",
    "deleted_by",
    "pinned_at",
]


class Batch(Rows):
    """The rows of one transaction, and the changes to write."""

    def __init__(self, commands: Sequence[Command], *, is_retry: bool = False) -> None:
        super().__init__(commands, is_retry=is_retry)
        self.screening = Screening(list(self._rooms.values()), commands, self.now)
        self._new: list[Message] = []
        self._changed: dict[int, Message] = {}
        self._versions: list[Version] = []
        self._decisions: list[audit.Decision] = []

    def refuse_unless_may_write(self, actor: Actor) -> None:
        """Raises Refusal: those of `writing.refuse_unless_may_write`."""
        room, user, membership = actor
        writing.refuse_unless_may_write(room, user, membership, self.sanctions_of(user), self.now)

    def refuse_too_soon(self, actor: Actor) -> None:
        """Slow mode. Raises Refusal: slow_mode."""
        self.screening.refuse_too_soon(actor.room, actor.user, ranks.rank(actor.user, actor.membership))

    def cause_to_hold(self, command: Command, actor: Actor) -> str | None:
        """Why a message must wait for approval, if it must."""
        rank = ranks.rank(actor.user, actor.membership)
        return self.screening.cause_to_hold(command, actor.room, actor.user, rank)

    def record(self, decision: audit.Decision) -> None:
        """Append the decision to the audit log when the batch is saved."""
        self._decisions.append(decision)

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

    def pinned_in(self, room_id: int) -> set[int]:
        """The ids of the room's pinned messages, with the changes of this transaction."""
        pinned = set(Message.objects.filter(room=room_id).pinned().values_list("pk", flat=True))
        changed = [one for one in self._changed.values() if one.room_id == room_id]
        return pinned - {one.pk for one in changed} | {one.pk for one in changed if one.pinned_at}

    def _number(self, message: Message) -> int:
        room = self._rooms[message.room_id]
        room.head += 1
        message.rev = room.head
        return room.head

    def save(self) -> None:
        """Write new and changed messages and the rooms' heads. They are broadcast after COMMIT."""
        changed = list(self._changed.values())
        for message in (*self._new, *changed):
            message.search_text = search_text(message)
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
        if by_room:
            Room.objects.set_heads({room_id: self._rooms[room_id].head for room_id in by_room})
            events.publish_changes(
                [(self._rooms[room_id], messages) for room_id, messages in by_room.items()]
            )
        self.screening.save()
        audit.record(self._decisions)  # last: see there
