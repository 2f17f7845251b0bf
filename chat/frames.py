"""The wire, typed: every frame a client may send and every event the server sends.

These structs are the validator, the source of `docs/protocol.md` and the tests' oracle. A client sends
one JSON object per frame; the server sends a JSON array of events per frame. Unknown fields are refused.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import replace

if TYPE_CHECKING:
    from .models import Message, Room
    from .models import User as UserRow

PROTOCOL = 2
FRAME_BYTES = 16 * 1024  # the largest frame a client may send
SENT_CHARACTERS = 30_000  # a frame of ours, at up to 4 bytes each: the server refuses to send above 256 KiB

WATCHED = 100  # rooms that one page of the lobby may list

CLOSE_PROTOCOL = 4400
CLOSE_SIGN_IN = 4401
CLOSE_BANNED = 4403
CLOSE_NO_ROOM = 4404
CLOSE_SILENT = 4408
CLOSE_TOO_MANY = 4409
CLOSE_FLOOD = 4429
CLOSE_RESTART = 4012

Number = Annotated[int, Meta(ge=0, lt=2**53)]  # what a JavaScript number holds exactly
Slug = Annotated[str, Meta(min_length=1, max_length=80)]
Reference = Annotated[str, Meta(min_length=1, max_length=64)]  # a client's own name for a command


# ── client → server ──────────────────────────────────────────────────────────────────────────────


class Command(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type"):
    """What a client asks for."""


class Hello(Command, frozen=True, tag="hello"):
    """The first frame, within 10 s. Both fields null on a first visit."""

    since: Number | None = None
    epoch: UUID | None = None


class Post(Command, frozen=True, tag="post"):
    """Say something. `id` is the idempotency key: the same until it is acknowledged."""

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


class React(Command, frozen=True, tag="react"):
    id: Reference
    seq: Number
    emoji: str
    on: bool


class Type(Command, frozen=True, tag="typing"):
    """I am writing. Sent again every few seconds; never stored."""


class Read(Command, frozen=True, tag="read"):
    """I have read up to this message."""

    seq: Number


class Watch(Command, frozen=True, tag="watch"):
    """In the lobby: the rooms that the page lists, by `slug`. A second one replaces the first.

    `newest`: the id of the newest room when the page was made; null where new rooms are not shown.
    """

    rooms: Annotated[list[Slug], Meta(max_length=WATCHED)]
    newest: Number | None = None


class Ping(Command, frozen=True, tag="ping"):
    pass


AnyCommand = Hello | Post | Edit | Delete | React | Type | Read | Watch | Ping


# ── server → client ──────────────────────────────────────────────────────────────────────────────


class User(Struct, frozen=True):
    id: int
    name: str
    guest: bool


class Event(Struct, frozen=True, tag_field="type"):
    """What the server tells."""


class Welcome(Event, frozen=True, tag="welcome"):
    """The answer to `hello`. The changes since follow, or a `reset` and the latest page, and then `synced`.

    `head` is the room's at this moment. In the lobby `room` and `epoch` are null.
    """

    protocol: int
    user: User
    room: RoomState | None
    epoch: str | None
    head: int
    people: list[User]


class Reset(Event, frozen=True, tag="reset"):
    """Forget what you have: the latest page follows, then `synced`. `reason`: epoch, ahead or behind."""

    reason: str
    head: int


class Synced(Event, frozen=True, tag="synced"):
    """The end of a catch-up: you have every change up to `head`. Only now your cursor moves there."""

    head: int


class MessageState(Event, frozen=True, tag="message"):
    """A message's whole state, at birth and at every change: upsert by `seq`, ignore an older `rev`."""

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


class Ack(Event, frozen=True, tag="ack"):
    """Only after COMMIT."""

    id: str
    seq: int
    rev: int


class Error(Event, frozen=True, tag="error", omit_defaults=True):
    """The socket stays open. `retry` keeps the command in the outbox; without it the text goes back."""

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
    """A person who is here has another display name; their messages show it too."""

    user: User


class TypingBy(Event, frozen=True, tag="typing"):
    user: User


class RoomState(Event, frozen=True, tag="room", omit_defaults=True):
    """A room as it is now. The counts are there in the lobby only; `gone`: deleted, or not yours to see.

    `former` is the address until now, of a room that has just been given another.
    """

    slug: str
    name: str
    topic: str
    kind: str
    head: int | UnsetType = UNSET
    people: int | UnsetType = UNSET
    unread: int | UnsetType = UNSET
    last_at: datetime | UnsetType | None = UNSET
    gone: bool = False
    former: str | UnsetType = UNSET


class Sanction(Event, frozen=True, tag="sanction"):
    """What a moderator decided about you. `kind`: removed or deactivated."""

    kind: str
    message: str


class Pong(Event, frozen=True, tag="pong"):
    """Carries the head, so that a lost last message is noticed."""

    head: int


class Bye(Event, frozen=True, tag="bye"):
    """The server is about to close the socket in good order; come back after `retry_after_ms`."""

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
    | TypingBy
    | RoomState
    | Sanction
    | Pong
    | Bye
)

decode = msgspec.json.Decoder(AnyCommand).decode
_encode = msgspec.json.Encoder().encode


def encode(event: Event) -> str:
    """One event as JSON text, to be joined into an array by `pack`."""
    return _encode(event).decode()


def chunks(events: list[str], characters: int) -> list[list[str]]:
    """Encoded events in runs of about so many characters, in order; a larger event stands alone."""
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
    """Encoded events as the texts of frames, in order, each small enough to be sent."""
    return [array(run) for run in chunks(events, SENT_CHARACTERS)]


# ── rows → events ────────────────────────────────────────────────────────────────────────────────


def user(row: UserRow) -> User:
    return User(id=row.pk, name=row.name, guest=row.is_guest)


def room_state(row: Room) -> RoomState:
    return RoomState(slug=row.slug, name=row.name, topic=row.topic, kind=row.kind)


def moved(before: RoomState, now: RoomState) -> RoomState:
    """`now` for a client that was told of `before`: it may know the room by another address."""
    return now if now.slug == before.slug else replace(now, former=before.slug)


def message(row: Message) -> MessageState:
    """The state everybody may see: a deleted message keeps its place and loses its words."""
    deleted = row.deleted_at is not None
    return MessageState(
        seq=row.seq,
        rev=row.rev,
        client_id=str(row.client_id),
        author=user(row.author),
        text="" if deleted else row.text,
        html="" if deleted else row.html,
        reply_to=row.reply_to,
        created_at=row.created_at,
        edited_at=row.edited_at,
        deleted=deleted,
        hidden=deleted and row.deleted_by_id != row.author_id,
        reactions={} if deleted else row.reactions,
    )
