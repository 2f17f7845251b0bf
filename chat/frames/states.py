"""Server → client: the events that have the whole state of a message, a room or a decision."""

from __future__ import annotations

from datetime import datetime

from msgspec import UNSET, Struct, UnsetType

from .protocol import Event


class User(Struct, frozen=True):
    """A person. `avatar` leads to the picture, /pictures/<avatar>.webp, and is left out if there is none."""

    id: int
    name: str
    guest: bool
    avatar: str | UnsetType = UNSET


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
    pinned: bool | UnsetType = UNSET


class Held(Event, frozen=True, tag="held", omit_defaults=True):
    """A message of the user waits for a moderator's approval, in place of its `ack`. `cause`: why.

    `refused`: a moderator refused it, with this `answer`. `gone`: the user withdrew it, or read the answer.
    When it is approved, the `message` with this `client_id` arrives.
    """

    id: str
    text: str = ""
    cause: str = ""
    refused: bool = False
    answer: str = ""
    reply_to: int | UnsetType = UNSET
    gone: bool = False


class Last(Struct, frozen=True):
    """The latest message of a room, as a list shows it. `text`: one line, at most 120 characters."""

    author: User
    text: str


class RoomState(Event, frozen=True, tag="room", omit_defaults=True):
    """The current state of a room. `head` to `last_at` are set for clients that `watch` the room.

    `mention_all`: everyone, moderators or nobody. `joins`: whether the page shows joins and leaves.
    `slow_mode`: seconds. `posters`: everyone, accounts or members. The modes are set in the room only, except
    `archived`. `notice`: why the room is calmed down, locked or archived. `blocked`: a direct conversation
    in which one person blocked the other. A direct conversation has a `name` only in events for one person.
    `mentions`: unread ones of this user. `unread_from`: seq of the first of the `unread` messages.

    `last` is missing if the latest message was deleted, or if the user ignores its author. `member`,
    `notify`, `favourite` and `position` are the user's own; "nothing" in `notify` mutes the room.

    `gone`: the room was deleted, or the user may not see it. `former` is the previous slug, if it just
    changed.
    """

    slug: str
    name: str
    topic: str
    kind: str
    mention_all: str = "moderators"
    joins: bool = True
    slow_mode: int = 0
    calm_until: datetime | UnsetType = UNSET
    locked: bool = False
    archived: bool = False
    posters: str = "everyone"
    approve_first: int = 0
    blocked: bool = False
    notice: str = ""
    head: int | UnsetType = UNSET
    people: int | UnsetType = UNSET
    unread: int | UnsetType = UNSET
    unread_from: int | UnsetType = UNSET
    mentions: int | UnsetType = UNSET
    last_at: datetime | UnsetType | None = UNSET
    last: Last | UnsetType = UNSET
    member: bool | UnsetType = UNSET
    notify: str = ""
    favourite: bool = False
    position: int = 0
    gone: bool = False
    former: str | UnsetType = UNSET


class Sanction(Event, frozen=True, tag="sanction", omit_defaults=True):
    """The whole state of a decision of a moderator about the user. Clients upsert by `id`.

    `kind`: warning, mute, removed, banned or deactivated. The last has no `id`, and so has the removal of a
    member by an owner. `room`: its slug; left out for the whole site. `until` null: for good. `appeal`:
    possible, sent or answered; left out if the decision is not about this user alone.
    """

    kind: str
    message: str
    id: int | UnsetType = UNSET
    reason: str | UnsetType = UNSET
    room: str | UnsetType = UNSET
    until: datetime | UnsetType | None = UNSET
    ended: bool = False
    appeal: str | UnsetType = UNSET
    answer: str | UnsetType = UNSET
