"""Rows of rooms → events."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple, Protocol

import msgspec
from msgspec import UNSET
from msgspec.structs import replace

from chat.mention_tokens import as_text
from chat.text import excerpt

from .states import Last, RoomState, User

if TYPE_CHECKING:
    from chat.models import Room


DIRECT = "direct"  # the kind of rooms that have a title for each person instead of a name
PREVIEW = 120  # characters of the latest message


class RoomRow(Protocol):
    """A `Room`, or its columns in a named tuple."""

    @property
    def slug(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def topic(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def mention_all(self) -> str: ...
    @property
    def shows_joins(self) -> bool: ...
    @property
    def archived_at(self) -> datetime | None: ...


def listed_room(row: RoomRow) -> RoomState:
    """A room for the lobby, which adds its counts, and the title of a direct conversation."""
    return RoomState(
        slug=row.slug,
        name=row.name if row.kind != DIRECT else "",
        topic=row.topic,
        kind=row.kind,
        mention_all=row.mention_all,
        joins=row.shows_joins,
        archived=row.archived_at is not None,
    )


def room_state(row: Room) -> RoomState:
    """A room for `welcome` and `room` events in it. A calm-down that has ended is left out, so its end is a
    change of the state.
    """
    is_calm = row.calm_until and row.is_calm(datetime.now(UTC))
    return replace(
        listed_room(row),
        slow_mode=row.slow_mode,
        calm_until=row.calm_until if is_calm and row.calm_until else UNSET,
        locked=row.is_locked,
        posters=row.posters,
        approve_first=row.approve_first,
        blocked=row.is_blocked,
        notice=row.notice if row.is_read_only(is_calm=bool(is_calm)) else "",
    )


class _Latest(NamedTuple):
    """The array of `models.previews`."""

    author_id: int
    author: str
    is_guest: int
    text: str
    names: str | dict[str, str] | None  # of the mentioned people, by id; as JSON text on PostgreSQL


_decode = msgspec.json.Decoder(_Latest).decode
_decode_names = msgspec.json.Decoder(dict[str, str]).decode


def last(preview: str | None) -> Last | None:
    """The latest message of a room, from `models.previews`. None if there is none, or if it was deleted."""
    if preview is None:
        return None
    stored = _decode(preview)
    names = _decode_names(stored.names) if isinstance(stored.names, str) else stored.names or {}
    author = User(id=stored.author_id, name=stored.author, guest=bool(stored.is_guest))
    return Last(author=author, text=excerpt(as_text(stored.text, names), limit=PREVIEW))


def gone(slug: str) -> RoomState:
    """A room that was deleted, or that the user can no longer see."""
    return RoomState(slug=slug, name="", topic="", kind="", gone=True)


def room_change(before: RoomState, now: RoomState) -> RoomState:
    """`now` for a client that has `before`, with the former slug if it changed."""
    return now if now.slug == before.slug else replace(now, former=before.slug)
