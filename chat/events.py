"""Broadcasting between processes: hints are published on commit, to groups of the channel layer.

A hint is a channel layer message about a change. A lost hint delays the change by a second and loses nothing:
each process reads the heads of its open rooms from the database once a second (`live/feeds/feeds.py`).
Therefore publishing never waits, never fails and never retries. A process without an event loop, such as a
cron job, publishes nothing.

A hint about a room carries the room's epoch. Processes ignore hints of another epoch: they come from before a
restore, or from a copy of the site with the same Redis and the same secret key.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from django.db import transaction

from . import frames
from .models import Message, Room

PROCESSES = "processes"  # group of all processes: revocations, presence, rate limits
HINT_CHARACTERS = 250_000  # in one hint

Publish = Callable[[str, dict[str, Any]], None]  # (group, payload); returns at once, from any thread
_publishers: list[Publish] = []


def publish_through(publish: Publish) -> None:
    """Set the function that sends hints. A process calls this once it has an event loop."""
    _publishers[:] = [publish]


def stop_publishing() -> None:
    _publishers.clear()


def room_group(room_id: int) -> str:
    return f"room.{room_id}"


def publish_changes(room: Room, messages: Sequence[Message]) -> None:
    """Broadcast a room's changed messages on commit. They must be in the order of `rev`, without a gap.

    Each message is encoded here, once for all sockets of all processes.
    """
    transaction.on_commit(partial(_publish_changes, room, messages))


def announce(room_id: int, epoch: str, event: frames.Event) -> None:
    """Broadcast an ephemeral event at once: it is not stored, and may be lost."""
    hint = {"type": "announce", "room": room_id, "epoch": epoch, "event": frames.encode(event)}
    _publish(room_group(room_id), hint)


def publish_room(room: Room) -> None:
    """Have every process read this room's name, topic, kind and slug again, on commit.

    Each process builds the event from the database, since hints of two changes may arrive in the wrong order.
    """
    hint = {"type": "room", "room": room.pk, "epoch": str(room.epoch)}
    transaction.on_commit(partial(_publish, room_group(room.pk), hint))


def revoke(user_id: int | None) -> None:
    """Have every process check, on commit, whether this user's sockets may stay open, or with None all, and
    which sanctions it has to announce.
    """
    transaction.on_commit(partial(_publish, PROCESSES, {"type": "revoke", "user": user_id}))


def _publish_changes(room: Room, messages: Sequence[Message]) -> None:
    if not _publishers:
        return
    about = {"type": "changes", "room": room.pk, "epoch": str(room.epoch)}
    first = messages[0].rev
    encoded = [frames.encode(frames.message(message)) for message in messages]
    for run in frames.chunks(encoded, HINT_CHARACTERS):
        _publish(room_group(room.pk), {**about, "first": first, "events": run})
        first += len(run)


def _publish(group: str, payload: dict[str, Any]) -> None:
    for publish in _publishers:
        publish(group, payload)
