"""Broadcasting: hints are published on commit, to this process directly and to others by the channel layer.

A hint is a message about a change. A lost hint delays the change by a second and loses nothing:
each process reads the heads of its open rooms from the database once a second (`live/feeds/feeds.py`).
Therefore publishing never waits, never fails and never retries. A process without an event loop, such as a
cron job, publishes nothing.

A hint about a room carries the room's epoch. Processes ignore hints of another epoch: they come from before a
restore, or from a copy of the site with the same Redis and the same secret key.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from threading import local
from typing import Any

from django.db import transaction

from . import frames
from .models import Message, Room

PROCESSES = "processes"  # group of all processes: revocations, presence, rate limits
HINT_CHARACTERS = 250_000  # in one hint

Hint = tuple[str, dict[str, Any]]  # (group, payload)
# Returns at once, from any thread. The second argument is for the other processes, if they get other hints.
Publish = Callable[[Sequence[Hint], Sequence[Hint] | None], None]
_publishers: list[Publish] = []
_thread = local()  # `hints`: those that `collected` keeps back


def publish_through(publish: Publish) -> None:
    """Set the function that sends hints. A process calls this once it has an event loop."""
    _publishers[:] = [publish]


def stop_publishing() -> None:
    _publishers.clear()


def room_group(room_id: int) -> str:
    return f"room.{room_id}"


def publish_changes(changes: Sequence[tuple[Room, Sequence[Message]]]) -> None:
    """Broadcast the changed messages of rooms on commit.

    The messages of a room must be in the order of `rev`, without a gap. Each is encoded here, once for all
    sockets of all processes.
    """
    transaction.on_commit(partial(_publish_changes, changes))


def announce(room_id: int, epoch: str, event: frames.Event) -> None:
    """Broadcast an ephemeral event at once: it is not stored, and may be lost."""
    hint = {"type": "announce", "room": room_id, "epoch": epoch, "event": frames.encode(event)}
    publish([(room_group(room_id), hint)])


def publish_room(room: Room) -> None:
    """Have every process read this room's name, topic, kind and slug again, on commit.

    Each process builds the event from the database, since hints of two changes may arrive in the wrong order.
    """
    hint = {"type": "room", "room": room.pk, "epoch": str(room.epoch)}
    transaction.on_commit(partial(publish, [(room_group(room.pk), hint)]))


def revoke(user_id: int | None) -> None:
    """Have every process check, on commit, whether this user's sockets may stay open, or with None all, and
    which sanctions it has to announce.
    """
    transaction.on_commit(partial(publish, [(PROCESSES, {"type": "revoke", "user": user_id})]))


@contextmanager
def collected() -> Iterator[list[Hint]]:
    """Keep the hints of this thread back, so that the caller can publish them later. After an exception they
    are published at once, since a part of the work may be committed.
    """
    hints: list[Hint] = []
    _thread.hints = hints
    try:
        yield hints
    except BaseException:
        _thread.hints = None
        publish(hints)
        raise
    finally:
        _thread.hints = None


def publish(hints: Sequence[Hint], others: Sequence[Hint] | None = None) -> None:
    """Pass hints to this process, and the same ones or `others` to the other processes."""
    kept = getattr(_thread, "hints", None)
    if kept is not None:
        kept += hints
    elif hints or others:
        for publisher in _publishers:
            publisher(hints, others)


def by_room(hints: Sequence[Hint]) -> dict[int, list[Hint]]:
    """Hints of changes, divided by the id of their room. Under 0: all other hints."""
    found: dict[int, list[Hint]] = defaultdict(list)
    for group, hint in hints:
        if hint["type"] == "changes":
            for run in hint["runs"]:
                found[run[0]].append((group, {**hint, "runs": [run]}))
        else:
            found[0].append((group, hint))
    return found


def _publish_changes(changes: Sequence[tuple[Room, Sequence[Message]]]) -> None:
    """The changes of one room go to the processes that have it open, those of several in one hint to all.

    A publication costs a process as much as 20 deliveries. A commit has several rooms only under load.
    """
    if not _publishers:
        return
    runs = [run for room, messages in changes for run in _runs(room, messages)]
    group = room_group(changes[0][0].pk) if len(changes) == 1 else PROCESSES
    hints: list[Hint] = []
    size = HINT_CHARACTERS
    for run in runs:
        size += (length := sum(map(len, run[-1])))
        if size > HINT_CHARACTERS:
            # A process of an older version looks for a room and an epoch, and passes over the hint.
            hints.append((group, {"type": "changes", "room": 0, "epoch": "", "runs": []}))
            size = length
        hints[-1][1]["runs"].append(run)
    publish(hints)


def _runs(room: Room, messages: Sequence[Message]) -> Iterator[tuple[int, str, int, list[str]]]:
    """(room id, epoch, rev of the first change, encoded changes), each within a hint's size."""
    first = messages[0].rev
    encoded = [frames.encode(frames.message(message)) for message in messages]
    for run in frames.chunks(encoded, HINT_CHARACTERS):
        yield room.pk, str(room.epoch), first, run
        first += len(run)
