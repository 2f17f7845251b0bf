"""Post, change, hide and restore messages, one or many in a transaction. Every door uses these functions."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import Error, InterfaceError, OperationalError, transaction

from chat import text
from chat.models import Message, User
from chat.refusals import Refusal

from .batch import Actor, Batch, Command, Key
from .changes import Delete, Restore

FAILURES = 8  # commands that `post` isolates in one call. Then the rest is refused: something else is broken
AT_ONCE = 500  # messages hidden in one transaction, which locks their rooms
UNAVAILABLE = Refusal("unavailable", retry_after_ms=5_000)

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Draft(Command):
    """A message to post. `client_id` is the idempotency key, `reply_to` the seq of a message in the room."""

    client_id: UUID
    text: str
    reply_to: int | None = None
    author: User | None = None  # see Command.known_actor
    html: str | None = None  # by `prepare`

    @property
    def about(self) -> int | None:
        return self.reply_to

    @property
    def key(self) -> Key:
        return self.actor_id, self.client_id

    @property
    def known_actor(self) -> User | None:
        return self.author

    @property
    def characters(self) -> int:
        return len(self.text)

    def prepare(self) -> None:
        if self.html is None:
            self.text = text.clean(self.text)
            self.html = text.render(self.text)

    def apply(self, batch: Batch, actor: Actor) -> Message:
        message = batch.posted(self.key)
        if message is None:
            return self._post(batch, actor)
        if message.room_id != actor.room.pk:
            raise Refusal("client_id_reused")
        return message

    def _post(self, batch: Batch, actor: Actor) -> Message:
        if self.reply_to is not None:
            batch.message(self)
        assert self.html is not None
        message = Message(
            room=actor.room,
            author=actor.user,
            client_id=self.client_id,
            text=self.text,
            html=self.html,
            html_version=text.VERSION,
            reply_to=self.reply_to,
            created_at=batch.now,
        )
        batch.add(message)
        return message


def post(commands: Sequence[Command]) -> list[Message | Refusal]:
    """Run commands of any rooms and people in one transaction and in this order.

    Returns for each the message as it is afterwards, or a refusal. For a draft stored before that is the
    stored message, and it takes no number. A command that the database rejects is refused alone.

    Queries, for any number of drafts by known authors: 3, one more for other authors, one for private rooms,
    one for replies (SQLite takes 71 rows in one insert). For changes: 5, and one more to delete and restore.

    Raises OperationalError or InterfaceError when the database is away. Then nothing of the transaction is
    stored, and all commands may be sent again.
    """
    results = [_prepare(command) for command in commands]
    ready = [command for command, refusal in zip(commands, results, strict=True) if refusal is None]
    done = iter(_isolate(ready, [], careful=False))
    return [refusal or next(done) for refusal in results]


def _prepare(command: Command) -> Refusal | None:
    try:
        command.prepare()
    except Refusal as refusal:
        return refusal
    except Exception as error:
        _log(error)
        return UNAVAILABLE
    return None


def _isolate(
    commands: Sequence[Command], failed: list[Command], *, careful: bool = True
) -> list[Message | Refusal]:
    """Run all commands in one transaction. If that fails, run each half in its own, down to the bad command.

    The two common failures need only a second try: a careful one looks for drafts that were stored before and
    for deleted authors. Halving isolates k bad commands of n in about 2k log(n) transactions, one by one
    needs n. After FAILURES bad ones the fault lies elsewhere, and the rest is refused untried.
    """
    if not commands:
        return []
    if len(failed) >= FAILURES:
        return [UNAVAILABLE] * len(commands)
    try:
        return _run(commands, careful)
    except (OperationalError, InterfaceError):  # the database is away, or locked
        raise
    except Exception as error:
        if not careful:
            return _isolate(commands, failed)
        if len(commands) == 1:
            failed.extend(commands)
            _log(error)
            return [UNAVAILABLE]
    middle = len(commands) // 2
    return _isolate(commands[:middle], failed) + _isolate(commands[middle:], failed)


def _log(error: Exception) -> None:
    if isinstance(error, Error):
        logger.warning("A command was not stored: %s", str(error).strip())
    else:
        logger.error("A command was not stored", exc_info=error)


def _run(commands: Sequence[Command], careful: bool) -> list[Message | Refusal]:
    with transaction.atomic():
        batch = Batch(commands, careful=careful)
        results = [_apply(command, batch) for command in commands]
        batch.save()
    return results


def _apply(command: Command, batch: Batch) -> Message | Refusal:
    try:
        return command.apply(batch, batch.actor(command))
    except Refusal as refusal:
        return refusal


def hide(messages: Iterable[Message], by: User) -> int:
    """Turn messages into tombstones on every screen. Returns how many changed: 0 without permission."""
    return _moderate(Delete, messages, by)


def restore(messages: Iterable[Message], by: User) -> int:
    """Show hidden messages again, with their text. Returns how many changed."""
    return _moderate(Restore, messages, by)


def _moderate(kind: type[Delete] | type[Restore], messages: Iterable[Message], by: User) -> int:
    shown = kind is Delete
    commands = [
        kind(message.room_id, by.pk, message.seq)
        for message in messages
        if (message.deleted_at is None) == shown
    ]
    changed = 0
    for start in range(0, len(commands), AT_ONCE):
        results = post(commands[start : start + AT_ONCE])
        changed += sum(isinstance(result, Message) for result in results)
    return changed
