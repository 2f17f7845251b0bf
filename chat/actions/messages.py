"""What can be done with messages: post, change, hide and restore. Used by every door, one or many at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError
from django.db.models import Q

from chat import text
from chat.models import Message, Room, User
from chat.refusals import Refusal

from .changes import Delete, Restore, change
from .numbering import Numbering, numbering

RACES = 3  # tries, when another process stores the same client id in another room at the same moment
AT_ONCE = 500  # messages hidden in one transaction: its rooms stand still meanwhile


@dataclass(frozen=True, slots=True)
class Draft:
    """Somebody wants to say something in a room. `reply_to` is the seq of a message there."""

    room_id: int
    author_id: int
    client_id: UUID
    text: str
    reply_to: int | None = None


def post(drafts: Sequence[Draft]) -> list[Message | Refusal]:
    """Store drafts of any rooms and authors in one transaction: one message or refusal each, in order.

    A draft stored before, by its (author, client id), answers with that message and burns no number.
    Queries: 6 for any number of drafts, one more when any of them answers another message.
    """
    for _ in range(RACES):
        try:
            return _post(drafts)
        except IntegrityError:
            continue  # rolled back whole, numbers included; the other's row is found now
    return [Refusal("unavailable") for _ in drafts]


def _post(drafts: Sequence[Draft]) -> list[Message | Refusal]:
    with numbering({(draft.room_id, draft.author_id) for draft in drafts}) as numbers:
        known = _stored(drafts)
        answerable = _answerable(drafts)
        results: list[Message | Refusal] = []
        for draft in drafts:
            try:
                room, author, _ = numbers.reach(draft.room_id, draft.author_id)
                message = known.get((author.pk, draft.client_id))
                if message is None:
                    message = _write(draft, room, author, numbers, answerable)
                    known[author.pk, draft.client_id] = message
                elif message.room_id != room.pk:
                    raise Refusal("client_id_reused")
                results.append(message)
            except Refusal as refusal:
                results.append(refusal)
        Message.objects.bulk_create(numbers.changed)
    return results


def _stored(drafts: Sequence[Draft]) -> dict[tuple[int, UUID], Message]:
    """Read after the rooms are locked: what another process stored before us is seen."""
    found = Message.objects.filter(
        author__in={draft.author_id for draft in drafts}, client_id__in={draft.client_id for draft in drafts}
    )
    return {(message.author_id, message.client_id): message for message in found.with_author()}


def _answerable(drafts: Sequence[Draft]) -> set[tuple[int, int]]:
    wanted = Q()
    for draft in drafts:
        if draft.reply_to is not None:
            wanted |= Q(room=draft.room_id, seq=draft.reply_to)
    return set(Message.objects.filter(wanted).values_list("room_id", "seq")) if wanted else set()


def _write(
    draft: Draft, room: Room, author: User, numbers: Numbering, answerable: set[tuple[int, int]]
) -> Message:
    words = text.clean(draft.text)
    if draft.reply_to is not None and (room.pk, draft.reply_to) not in answerable:
        raise Refusal("no_message")
    message = Message(
        room=room,
        author=author,
        client_id=draft.client_id,
        text=words,
        html=text.render(words),
        html_version=text.VERSION,
        reply_to=draft.reply_to,
        created_at=numbers.now,
    )
    numbers.take(message)
    message.seq = message.rev
    return message


def hide(messages: Iterable[Message], by: User) -> int:
    """Turn messages into tombstones on every screen; how many were changed. Who may not, changes none."""
    return _moderate(Delete, messages, by)


def restore(messages: Iterable[Message], by: User) -> int:
    """Bring hidden messages back, words and all; how many were changed."""
    return _moderate(Restore, messages, by)


def _moderate(kind: type[Delete] | type[Restore], messages: Iterable[Message], by: User) -> int:
    changes = [kind(message.room_id, by.pk, message.seq) for message in messages]
    changed = 0
    for start in range(0, len(changes), AT_ONCE):
        results = change(changes[start : start + AT_ONCE])
        changed += sum(isinstance(result, Message) for result in results)
    return changed
