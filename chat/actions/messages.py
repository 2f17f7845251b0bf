"""What can be done with messages: post, change, hide and restore. Used by every door, one or many at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError
from django.db.models import Q

from chat import text
from chat.models import Message, Room, User
from chat.refusals import Refusal

from .changes import CHANGED_FIELDS, Change, Delete, Restore
from .numbering import Numbering, numbering

RACES = 3  # tries; the third, when another process stores the same client id at the same moment
AT_ONCE = 500  # messages hidden in one transaction: their rooms stand still meanwhile


@dataclass(frozen=True, slots=True)
class Draft:
    """Somebody wants to say something in a room. `reply_to` is the seq of a message there."""

    room_id: int
    actor_id: int
    client_id: UUID
    text: str
    reply_to: int | None = None
    author: User | None = None  # who was seen to be active within a second, so that it need not be read again


def post(commands: Sequence[Draft | Change]) -> list[Message | Refusal]:
    """Store drafts and changes, of any rooms and people, in one transaction and in this order.

    Answers each with the message as it is now or with a refusal. A draft stored before, by its (author,
    client id), answers with that message and burns no number.

    Queries, for any number of drafts by known authors: 3, one more for others, one in private rooms, one when
    anything is a reply (SQLite takes 71 rows in one insert), and all again with one more when any draft was
    stored before. For changes: 6.
    """
    for attempt in range(RACES):
        try:
            return _post(commands, resent=attempt > 0)
        except IntegrityError:
            continue  # rolled back whole, numbers included; what was stored before is looked up now
    return [Refusal("unavailable") for _ in commands]


def _post(commands: Sequence[Draft | Change], resent: bool) -> list[Message | Refusal]:
    drafts = [command for command in commands if isinstance(command, Draft)]
    changes = [command for command in commands if isinstance(command, Change)]
    actors = {(command.room_id, command.actor_id) for command in commands}
    authors = [draft.author for draft in drafts if draft.author]
    with numbering(actors, known=authors, with_roles=bool(changes)) as numbers:
        writing = Writing(numbers, drafts, resent) if drafts else None
        changing = Changing(numbers, changes) if changes else None
        results: list[Message | Refusal] = []
        for command in commands:
            try:
                if isinstance(command, Draft):
                    assert writing
                    results.append(writing.store(command))
                else:
                    assert changing
                    results.append(changing.make(command))
            except Refusal as refusal:
                results.append(refusal)
        if writing:
            Message.objects.append(writing.new)
        if changing:
            Message.objects.bulk_update(changing.changed, CHANGED_FIELDS)
    return results


class Writing:
    """Drafts becoming messages in one transaction."""

    def __init__(self, numbers: Numbering, drafts: Sequence[Draft], resent: bool) -> None:
        self.numbers = numbers
        self.new: list[Message] = []
        # Nearly all drafts are new, so the unique constraint finds the others. Then they are read, after the
        # rooms are locked: what another process stored before us is seen.
        self._stored = stored_before(drafts) if resent else {}
        replies = [
            Q(room=draft.room_id, seq=draft.reply_to) for draft in drafts if draft.reply_to is not None
        ]
        self._answerable = set(_any_of(replies).values_list("room_id", "seq")) if replies else set()

    def store(self, draft: Draft) -> Message:
        """The draft as a message, now or earlier. Raises Refusal."""
        room, author, _ = self.numbers.reach(draft.room_id, draft.actor_id)
        message = self._stored.get((author.pk, draft.client_id))
        if message is None:
            message = self._stored[author.pk, draft.client_id] = self._write(draft, room, author)
        elif message.room_id != room.pk:
            raise Refusal("client_id_reused")
        return message

    def _write(self, draft: Draft, room: Room, author: User) -> Message:
        words = text.clean(draft.text)
        if draft.reply_to is not None and (room.pk, draft.reply_to) not in self._answerable:
            raise Refusal("no_message")
        message = Message(
            room=room,
            author=author,
            client_id=draft.client_id,
            text=words,
            html=text.render(words),
            html_version=text.VERSION,
            reply_to=draft.reply_to,
            created_at=self.numbers.now,
        )
        self.numbers.take(message)
        message.seq = message.rev
        self.new.append(message)
        return message


def stored_before(drafts: Sequence[Draft]) -> dict[tuple[int, UUID], Message]:
    """By (author id, client id)."""
    stored = Message.objects.filter(
        author__in={draft.actor_id for draft in drafts}, client_id__in={draft.client_id for draft in drafts}
    )
    return {(row.author_id, row.client_id): row for row in stored.with_author()}


class Changing:
    """Changes being made to stored messages in one transaction."""

    def __init__(self, numbers: Numbering, changes: Sequence[Change]) -> None:
        self.numbers = numbers
        self.changed: list[Message] = []
        wanted = _any_of([Q(room=change.room_id, seq=change.seq) for change in changes])
        self._messages = {(message.room_id, message.seq): message for message in wanted.with_author()}

    def make(self, change: Change) -> Message:
        """The message as it is after the change. Raises Refusal."""
        _, actor, membership = self.numbers.reach(
            change.room_id, change.actor_id, moderating=isinstance(change, Delete | Restore)
        )
        message = self._messages.get((change.room_id, change.seq))
        if message is None:
            raise Refusal("no_message")
        if change.apply(message, actor, membership, self.numbers.now) and self.numbers.take(message):
            self.changed.append(message)
        return message


def _any_of(conditions: Sequence[Q]):
    wanted = Q()
    for condition in conditions:
        wanted |= condition
    return Message.objects.filter(wanted)


def hide(messages: Iterable[Message], by: User) -> int:
    """Turn messages into tombstones on every screen; how many were changed. Who may not, changes none."""
    return _moderate(Delete, messages, by)


def restore(messages: Iterable[Message], by: User) -> int:
    """Bring hidden messages back, words and all; how many were changed."""
    return _moderate(Restore, messages, by)


def _moderate(kind: type[Delete] | type[Restore], messages: Iterable[Message], by: User) -> int:
    hidden = kind is Delete
    changes = [
        kind(message.room_id, by.pk, message.seq)
        for message in messages
        if (message.deleted_at is None) == hidden
    ]
    changed = 0
    for start in range(0, len(changes), AT_ONCE):
        results = post(changes[start : start + AT_ONCE])
        changed += sum(isinstance(result, Message) for result in results)
    return changed
