"""Post and change messages: one or many in a transaction, for all entry points."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from django.db import Error, InterfaceError, OperationalError, transaction

from chat.refusals import Refusal

from .batch import Batch
from .command import Command, Stored
from .draft import Draft as Draft

FAILURES = 8  # commands that `post` isolates in one call; after so many, the rest is refused
RULES_READ = 3  # times in one call; they rarely change
UNAVAILABLE = Refusal("unavailable", retry_after_ms=5_000)

logger = logging.getLogger(__name__)


def post(commands: Sequence[Command]) -> list[Stored | Refusal]:
    """Run commands of any rooms and users in one transaction, in this order.

    Returns the resulting message, a held message that waits for approval, or a refusal for each command. For
    a draft that was stored before, it is the stored one, without a new number. If the database rejects a
    command, only that one is refused.

    Queries for any number of drafts by known authors: 3, and one more each for other authors, private rooms
    and replies (SQLite inserts 71 rows at once). For changes: 5, and one more to edit, delete and restore.
    Mentions take 5 more, and in changes up to 8, for any number of them.

    Raises OperationalError or InterfaceError if the database is unavailable. Then nothing is stored, and all
    commands may be repeated.
    """
    results = [_prepare(command) for command in commands]
    ready = [command for command, refusal in zip(commands, results, strict=True) if refusal is None]
    done = iter(_isolate(ready, [], is_retry=False))
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
    commands: Sequence[Command], failed: list[Command], *, is_retry: bool = True
) -> list[Stored | Refusal]:
    """Run all commands in one transaction. If it fails, run each half separately, down to one command.

    Most failures are drafts that were stored before, or deleted authors. A retry handles both. Halving
    isolates k failing commands of n in about 2k log(n) transactions; one by one takes n. After FAILURES of
    them the cause is not a single command, and the rest is refused without a try.
    """
    if not commands:
        return []
    if len(failed) >= FAILURES:
        return [UNAVAILABLE] * len(commands)
    try:
        return _run(commands, is_retry)
    except (OperationalError, InterfaceError):  # the database is unavailable or locked
        raise
    except Exception as error:
        if not is_retry:
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


def _run(commands: Sequence[Command], is_retry: bool) -> list[Stored | Refusal]:
    """Texts that were matched with outdated rules are prepared again, without the lock of their rooms; if
    the rules change each time, finally under it.
    """
    for attempt in range(RULES_READ + 1):
        with transaction.atomic():
            batch = Batch(commands, is_retry=is_retry)
            outdated = batch.screening.outdated(commands)
            if not outdated or attempt == RULES_READ:
                _prepare_again(outdated)
                results = [_apply(command, batch) for command in commands]
                batch.save()
                return results
        _prepare_again(outdated)
    raise AssertionError("The last attempt returns")


def _prepare_again(commands: Sequence[Command]) -> None:
    for command in commands:
        command.prepared = None
        command.prepare()


def _apply(command: Command, batch: Batch) -> Stored | Refusal:
    try:
        return command.apply(batch, batch.actor(command))
    except Refusal as refusal:
        return refusal
