"""The wire format: a typed struct for each command that a client sends and each event that the server sends.

The structs validate frames, and a test compares them with `docs/protocol.md`. A client sends one JSON object
per frame; the server sends a JSON array of events per frame. A command with unknown fields is refused.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Protocol
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import replace

from .mention_tokens import as_text, with_names
from .text import excerpt

if TYPE_CHECKING:
    from .models import Message
    from .models import User as UserRow

PROTOCOL = 2
FRAME_BYTES = 16 * 1024  # the largest frame that a client may send
SENT_CHARACTERS = 30_000  # in one frame of the server, at up to 4 bytes each; the limit is 256 KiB
WATCHED = 100  # rooms that one page may list

CLOSE_PROTOCOL = 4400
CLOSE_SIGN_IN = 4401
CLOSE_BANNED = 4403
CLOSE_NO_ROOM = 4404
CLOSE_SILENT = 4408
CLOSE_TOO_MANY = 4409
CLOSE_FLOOD = 4429
CLOSE_RESTART = 4012

MAX_NUMBER = 2**53 - 1  # what a JavaScript number holds exactly

Number = Annotated[int, Meta(ge=0, le=MAX_NUMBER)]
Slug = Annotated[str, Meta(min_length=1, max_length=80)]
Reference = Annotated[str, Meta(min_length=1, max_length=64)]  # chosen by the client, for one command


# ── client → server ──────────────────────────────────────────────────────────────────────────────


class Command(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type"):
    """A frame of a client."""


class Hello(Command, frozen=True, tag="hello"):
    """The first frame, within 10 s. Both fields are null on a first visit."""

    since: Number | None = None
    epoch: UUID | None = None


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
    no new rooms. In a room it means nothing.
    """

    rooms: Annotated[list[Slug], Meta(max_length=WATCHED)]
    newest: Number | None = None


class Ping(Command, frozen=True, tag="ping"):
    pass


AnyCommand = Hello | Post | Edit | Delete | Restore | React | Typing | Read | Unread | Watch | Ping


# ── server → client ──────────────────────────────────────────────────────────────────────────────


class User(Struct, frozen=True):
    id: int
    name: str
    guest: bool


class Event(Struct, frozen=True, tag_field="type"):
    """A message of the server. A frame has one or more."""


class Welcome(Event, frozen=True, tag="welcome"):
    """The answer to `hello`. The missing changes follow, or a `reset` and the latest page, and then `synced`.

    `head` is the room's current head. In the lobby `room` and `epoch` are null.
    """

    protocol: int
    user: User
    room: RoomState | None
    epoch: str | None
    head: int
    people: list[User]


class Reset(Event, frozen=True, tag="reset"):
    """The client drops its messages. The latest page and `synced` follow. `reason`: epoch, ahead, behind."""

    reason: str
    head: int


class Synced(Event, frozen=True, tag="synced"):
    """The end of a catch-up: the client has every change up to `head`. Only now its cursor moves there."""

    head: int


class Quote(Struct, frozen=True):
    """The message that a reply answers. `text` is its first line without Markdown, "" if it was deleted."""

    seq: int
    author: User
    text: str
    deleted: bool
    hidden: bool


class MessageState(Event, frozen=True, tag="message"):
    """The whole state of a new or changed message. Clients upsert by `seq` and ignore an older `rev`.

    `mentions` has the display names of the mentioned members by id. A field that is UNSET is left out.
    """

    seq: int
    rev: int
    client_id: str
    author: User
    text: str
    html: str
    reply_to: int | None
    created_at: datetime
    edited_at: datetime | None
    deleted: bool
    hidden: bool  # deleted by a moderator, not by the author
    reactions: dict[str, list[int]]
    quote: Quote | UnsetType = UNSET
    mentions: dict[str, str] | UnsetType = UNSET
    mentions_all: bool | UnsetType = UNSET


class Ack(Event, frozen=True, tag="ack"):
    """A command was executed. Sent only after COMMIT."""

    id: str
    seq: int
    rev: int


class Error(Event, frozen=True, tag="error", omit_defaults=True):
    """A command was refused. With `retry` the client keeps it in its outbox and sends it again."""

    code: str
    message: str
    retry: bool
    id: str | UnsetType = UNSET
    retry_after_ms: int | UnsetType = UNSET


class Joined(Event, frozen=True, tag="joined"):
    user: User


class Left(Event, frozen=True, tag="left"):
    user: User


class Renamed(Event, frozen=True, tag="renamed"):
    """The display name of a person in the room has changed, also on their messages."""

    user: User


class Person(Event, frozen=True, tag="person"):
    """The current display name of a person who may not be in the room, but on its messages."""

    user: User


class TypingBy(Event, frozen=True, tag="typing"):
    user: User


class RoomState(Event, frozen=True, tag="room", omit_defaults=True):
    """The current state of a room. `head` to `last_at` are set for clients that `watch` the room.

    `mention_all`: everyone, moderators or nobody. `joins`: whether the page shows joins and leaves.
    `mentions`: unread ones of this user. `unread_from`: seq of the first of the `unread` messages.

    `gone`: the room was deleted, or the user may not see it. `former` is the previous slug, if it just
    changed.
    """

    slug: str
    name: str
    topic: str
    kind: str
    mention_all: str = "moderators"
    joins: bool = True
    head: int | UnsetType = UNSET
    people: int | UnsetType = UNSET
    unread: int | UnsetType = UNSET
    unread_from: int | UnsetType = UNSET
    mentions: int | UnsetType = UNSET
    last_at: datetime | UnsetType | None = UNSET
    gone: bool = False
    former: str | UnsetType = UNSET


class Sanction(Event, frozen=True, tag="sanction"):
    """The user was removed from the room, or their account deactivated. `kind`: removed or deactivated."""

    kind: str
    message: str


class Pong(Event, frozen=True, tag="pong"):
    """The answer to `ping`. With `head` a client detects a missing message."""

    head: int


class Bye(Event, frozen=True, tag="bye"):
    """The server is about to close the socket. The client reconnects after `retry_after_ms`."""

    reason: str
    retry_after_ms: int


AnyEvent = (
    Welcome
    | Reset
    | Synced
    | MessageState
    | Ack
    | Error
    | Joined
    | Left
    | Renamed
    | Person
    | TypingBy
    | RoomState
    | Sanction
    | Pong
    | Bye
)

decode = msgspec.json.Decoder(AnyCommand).decode
_encode = msgspec.json.Encoder().encode
_decode_names = msgspec.json.Decoder(dict[str, str]).decode


def encode(event: Event) -> str:
    """One event as JSON text. `pack` joins several into frames."""
    return _encode(event).decode()


def chunks(events: list[str], characters: int) -> list[list[str]]:
    """Split encoded events into runs of about `characters`, in order. A larger event is a run of its own."""
    runs: list[list[str]] = []
    size = characters
    for event in events:
        if size + len(event) > characters:
            runs.append([])
            size = 0
        runs[-1].append(event)
        size += len(event) + 1
    return runs


def array(events: list[str]) -> str:
    """Encoded events as the text of one frame: a JSON array."""
    return f"[{','.join(events)}]"


def pack(events: list[str]) -> list[str]:
    """The texts of the frames for these encoded events, in order, each small enough to be sent."""
    return [array(run) for run in chunks(events, SENT_CHARACTERS)]


# ── rows → events ────────────────────────────────────────────────────────────────────────────────


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


def user(row: UserRow) -> User:
    return User(id=row.pk, name=row.name, guest=row.is_guest)


def room_state(row: RoomRow) -> RoomState:
    """The one shape of a room: for `welcome`, for `room` events, and for the lobby, which adds its counts."""
    return RoomState(
        slug=row.slug,
        name=row.name,
        topic=row.topic,
        kind=row.kind,
        mention_all=row.mention_all,
        joins=row.shows_joins,
    )


def room_change(before: RoomState, now: RoomState) -> RoomState:
    """`now` for a client that has `before`, with the former slug if it changed."""
    return now if now.slug == before.slug else replace(now, former=before.slug)


def message(row: Message) -> MessageState:
    """The state that every reader of the room may see. A deleted message keeps its place but not its text."""
    deleted = row.deleted_at is not None
    named = not deleted and (row.mentions or row.mention_names)
    names = _names(row.mention_names) if named else {}
    return MessageState(
        seq=row.seq,
        rev=row.rev,
        client_id=str(row.client_id),
        author=user(row.author),
        text="" if deleted else row.text,
        html="" if deleted else with_names(row.html, names),
        reply_to=row.reply_to,
        created_at=row.created_at,
        edited_at=row.edited_at,
        deleted=deleted,
        hidden=deleted and row.deleted_by_id != row.author_id,
        reactions={} if deleted else row.ordered_reactions(),
        quote=UNSET if row.reply_to is None or deleted else quote(row),
        mentions=names or UNSET,
        mentions_all=True if row.mentions_all and not deleted else UNSET,
    )


def quote(row: Message) -> Quote | UnsetType:
    """The quote above a reply."""
    original = row.original
    if original is None:  # removed for good
        return UNSET
    deleted = original.deleted_at is not None
    names = _names(row.quoted_names or original.mention_names)  # the latter in the transaction of a change
    return Quote(
        seq=original.seq,
        author=user(original.author),
        text="" if deleted else excerpt(as_text(original.text, names)),
        deleted=deleted,
        hidden=deleted and original.deleted_by_id != original.author_id,
    )


def _names(encoded: str | None) -> dict[str, str]:
    return _decode_names(encoded) if encoded else {}
