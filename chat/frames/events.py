"""Server → client: the other events, about the connection, the answers to commands, and people."""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from .protocol import Event
from .states import RoomState, User


class Welcome(Event, frozen=True, tag="welcome"):
    """The answer to `hello`. The missing changes follow, or a `reset` and the latest page, and then `synced`.

    `head` is the room's current head. `people`: at most 100 of those who are `present`. In the lobby `room`
    and `epoch` are null.
    """

    protocol: int
    user: User
    room: RoomState | None
    epoch: str | None
    head: int
    people: list[User]
    present: int = 0


class Reset(Event, frozen=True, tag="reset"):
    """The client drops its messages. The latest page and `synced` follow. `reason`: epoch, ahead, behind."""

    reason: str
    head: int


class Synced(Event, frozen=True, tag="synced"):
    """The end of a catch-up: the client has every change up to `head`. Only now its cursor moves there."""

    head: int


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


class Crowd(Event, frozen=True, tag="crowd"):
    """The number of people in a room with more than 100, in place of joins and leaves.

    `people`: the list of some of them, or of all if they are not so many any more. UNSET: as before.
    """

    present: int
    people: list[User] | UnsetType = UNSET


class Renamed(Event, frozen=True, tag="renamed"):
    """The display name of a person in the room has changed, also on their messages."""

    user: User


class Person(Event, frozen=True, tag="person"):
    """The current display name of a person who may not be in the room, but on its messages."""

    user: User


class TypingBy(Event, frozen=True, tag="typing"):
    user: User


class Pong(Event, frozen=True, tag="pong"):
    """The answer to `ping`. With `head` a client detects a missing message."""

    head: int


class Bye(Event, frozen=True, tag="bye"):
    """The server is about to close the socket. The client reconnects after `retry_after_ms`."""

    reason: str
    retry_after_ms: int
