"""Client → server: a struct for each command. A command with unknown fields is refused."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from .protocol import WATCHED, Command, Number, Reference, Slug


class Hello(Command, frozen=True, tag="hello"):
    """The first frame, within 10 s. `since` and `epoch` are null on a first visit.

    `pongs`: the client wants a `pong` every 30 s without sending `ping`.
    """

    since: Number | None = None
    epoch: UUID | None = None
    pongs: bool = False


class Post(Command, frozen=True, tag="post"):
    """Post a message. `id` is the idempotency key: it stays the same until the post is acknowledged."""

    id: UUID
    text: str
    reply_to: Number | None = None


class Edit(Command, frozen=True, tag="edit"):
    id: Reference
    seq: Number
    text: str


class Delete(Command, frozen=True, tag="delete"):
    id: Reference
    seq: Number


class Restore(Command, frozen=True, tag="restore"):
    """Take back a deletion: one's own for a minute, and as a moderator any."""

    id: Reference
    seq: Number


class React(Command, frozen=True, tag="react"):
    id: Reference
    seq: Number
    emoji: str
    on: bool


class Pin(Command, frozen=True, tag="pin"):
    """Pin a message, or unpin it, as a moderator."""

    id: Reference
    seq: Number
    on: bool


class Typing(Command, frozen=True, tag="typing"):
    """The user is typing. Sent again every few seconds; never stored."""


class Read(Command, frozen=True, tag="read"):
    """The user has read all messages up to this one."""

    seq: Number


class Unread(Command, frozen=True, tag="unread"):
    """Mark this message and all after it as unread."""

    seq: Number


class Watch(Command, frozen=True, tag="watch"):
    """The rooms that the page lists, by slug, in the lobby or beside a room. A second one replaces the first.

    In the lobby `newest` is the id of the newest room when the page was rendered, or null if the page shows
    no new rooms. In a room it concerns only the user's own rooms.
    """

    rooms: Annotated[list[Slug], Meta(max_length=WATCHED)]
    newest: Number | None = None


class Ping(Command, frozen=True, tag="ping"):
    pass


AnyCommand = Hello | Post | Edit | Delete | Restore | React | Pin | Typing | Read | Unread | Watch | Ping

decode = msgspec.json.Decoder(AnyCommand).decode
