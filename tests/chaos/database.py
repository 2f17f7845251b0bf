"""The database state, read with plain SQL. A bug in Obrolan's models cannot hide here."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import inf
from typing import Any
from uuid import UUID

import psycopg

MESSAGES = """
    SELECT m.room_id, m.seq, m.rev, m.author_id, m.client_id, m.text, m.deleted_at IS NOT NULL, m.reactions,
        m.mentions, m.created_at, o.seq, o.author_id, o.text, o.deleted_at IS NOT NULL, o.mentions
    FROM chat_message m LEFT JOIN chat_message o ON o.room_id = m.room_id AND o.seq = m.reply_to
    ORDER BY m.room_id, m.seq
"""
NAMES = "SELECT id, name FROM chat_user"
CHANGES = "SELECT room_id, seq, rev, author_id, client_id FROM chaos_change"
HEADS = "SELECT id, head FROM chat_room"
SANCTIONS = "SELECT person_id, room_id, created_at, ends_at, ended_at FROM chat_sanction"
HIDDEN = """
    SELECT DISTINCT m.room_id, m.seq FROM chat_hiddenmessage h JOIN chat_message m ON m.id = h.message_id
"""


# seq, rev, text, deleted, reactions, quote, mentions
Shown = tuple[int, int, str, bool, dict[str, list[int]], list[Any] | None, dict[str, str]]


@dataclass(frozen=True)
class Row:
    """A stored message."""

    room: int
    seq: int
    rev: int
    author: int
    client_id: str
    text: str
    deleted: bool
    reactions: dict[str, list[int]]
    quote: list[Any] | None = None  # seq, author, text with names, whether it was deleted
    mentions: dict[str, str] = field(default_factory=dict)  # names by id
    created: float = 0.0  # seconds since 1970, by the database's clock

    def shown(self) -> Shown:
        """The message as a client displays it: everything of a deleted one is empty."""
        if self.deleted:
            return self.seq, self.rev, "", True, {}, None, {}
        return self.seq, self.rev, self.text, False, self.reactions, self.quote, self.mentions


@dataclass(frozen=True)
class Change:
    """One committed change of a message, as the audit trigger logged it in the same transaction."""

    room: int
    seq: int
    rev: int
    author: int
    client_id: str


@dataclass(frozen=True)
class SanctionRow:
    """A person may not write from `start` to `end`, in seconds since 1970 by the database's clock."""

    person: int
    room: int | None  # None: anywhere
    start: float
    end: float


@dataclass
class DatabaseState:
    heads: dict[int, int]
    rows: list[Row]
    changes: list[Change]
    sanctions: list[SanctionRow] = field(default_factory=list)
    hidden: set[tuple[int, int]] = field(default_factory=set)  # room, seq: a moderator hid it once


class Database:
    def __init__(self, url: str) -> None:
        self.url = url

    def heads(self) -> dict[int, int]:
        return dict(self.query(HEADS))

    def state(self) -> DatabaseState:
        names = dict(self.query(NAMES))
        return DatabaseState(
            self.heads(),
            [row(columns, names) for columns in self.query(MESSAGES)],
            [
                Change(room, seq, rev, author, str(UUID(str(client_id))))
                for room, seq, rev, author, client_id in self.query(CHANGES)
            ],
            [
                SanctionRow(person, room, seconds(start), min(map(seconds, ends)))
                for person, room, start, *ends in self.query(SANCTIONS)
            ],
            set(self.query(HIDDEN)),
        )

    def query(self, statement: str) -> list[Any]:
        if self.url.startswith("sqlite:///"):
            with sqlite3.connect(self.url.removeprefix("sqlite:///"), timeout=20) as connection:
                return connection.execute(statement).fetchall()
        with psycopg.connect(self.url, autocommit=True, connect_timeout=5) as connection:
            return connection.execute(statement.encode()).fetchall()


def row(columns: tuple[Any, ...], names: dict[int, str]) -> Row:
    room, seq, rev, author, client_id, text, deleted, reactions, mentions, created, *original = columns
    return Row(
        room,
        seq,
        rev,
        author,
        str(UUID(str(client_id))),
        text,
        bool(deleted),
        parsed(reactions),
        quote(*original, names),
        named(parsed(mentions), names),
        seconds(created),
    )


def seconds(value: datetime | str | None) -> float:
    """A time in the database, in UTC. Null is never."""
    if value is None:
        return inf
    time = datetime.fromisoformat(value) if isinstance(value, str) else value
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()


def quote(
    seq: int | None, author: int, text: str, deleted: bool, mentions: Any, names: dict[int, str]
) -> Any:
    """The quote of a reply. The texts of this run have one line without Markdown."""
    if seq is None:
        return None
    for id, name in named(parsed(mentions), names).items():
        text = text.replace(f"<@{id}>", f"@{name}")
    return [seq, author, "" if deleted else text, bool(deleted)]


def named(ids: list[int], names: dict[int, str]) -> dict[str, str]:
    return {str(id): names[id] for id in ids}


def parsed(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value
