"""What others are told: group names, and publishing on commit.

A hint that is lost costs a second, never a message: each process reads the database's heads once a second
(`chat/live/feed.py`). So publishing never waits, never fails and never retries; a process that serves
nobody, a cron job say, publishes nothing at all.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import msgspec
from django.db import transaction

from . import frames
from .models import Message, Room

PROCESSES = "processes"  # every process listens: whose rights changed, what is spent and open elsewhere
HINT_CHARACTERS = 250_000  # in one hint, which is one pass through the room's sockets

Publish = Callable[[str, dict[str, Any]], None]  # (group, payload) → at once, from any thread
_publishers: list[Publish] = []


def publish_through(publish: Publish) -> None:
    """Called by the process that serves sockets or pages, once it has an event loop."""
    _publishers[:] = [publish]


def stop_publishing() -> None:
    _publishers.clear()


def room_group(room_id: int) -> str:
    return f"room.{room_id}"


def publish_changes(room_id: int, messages: Sequence[Message]) -> None:
    """Tell a room's readers of changed messages, which are in the order of their `rev`, without a hole.

    Each is encoded here, once for all readers of all processes.
    """
    transaction.on_commit(partial(_publish_changes, room_id, messages))


def announce(room_id: int, event: frames.Event) -> None:
    """Tell a room's readers at once something that is not stored and may be missed."""
    payload = {"type": "announce", "room": room_id, "event": frames.encode(event)}
    _publish(room_group(room_id), payload)


def publish_room(room: Room, *, former: str | None = None) -> None:
    """Announce a room's name, topic and kind; and its former address, if it has a new one."""
    info = frames.room_info(room)
    state = frames.RoomState(info.slug, info.name, info.topic, info.kind, former=former or msgspec.UNSET)
    transaction.on_commit(partial(announce, room.pk, state))


def revoke(user_id: int) -> None:
    """Every process looks at once whether this person's sockets may stay open."""
    transaction.on_commit(partial(_publish, PROCESSES, {"type": "revoke", "user": user_id}))


def _publish_changes(room_id: int, messages: Sequence[Message]) -> None:
    if not _publishers:
        return
    group, first = room_group(room_id), messages[0].rev
    encoded = [frames.encode(frames.message(message)) for message in messages]
    for run in frames.chunks(encoded, HINT_CHARACTERS):
        _publish(group, {"type": "changes", "room": room_id, "first": first, "events": run})
        first += len(run)


def _publish(group: str, payload: dict[str, Any]) -> None:
    for publish in _publishers:
        publish(group, payload)
