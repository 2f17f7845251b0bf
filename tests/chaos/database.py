"""The database state, read with plain SQL. A bug in Obrolan's models cannot hide here."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg

MESSAGES = """
    SELECT room_id, seq, rev, author_id, client_id, text, deleted_at IS NOT NULL, reactions
    FROM chat_message ORDER BY room_id, seq
"""
CHANGES = "SELECT room_id, seq, rev, author_id, client_id FROM chaos_change"
HEADS = "SELECT id, head FROM chat_room"


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

    def shown(self) -> tuple[int, int, str, bool, dict[str, list[int]]]:
        """The message as a client displays it: text and reactions of a deleted one are empty."""
        if self.deleted:
            return self.seq, self.rev, "", True, {}
        return self.seq, self.rev, self.text, False, self.reactions


@dataclass(frozen=True)
class Change:
    """One committed change of a message, as the audit trigger logged it in the same transaction."""

    room: int
    seq: int
    rev: int
    author: int
    client_id: str


@dataclass
class DatabaseState:
    heads: dict[int, int]
    rows: list[Row]
    changes: list[Change]


class Database:
    def __init__(self, url: str) -> None:
        self.url = url

    def heads(self) -> dict[int, int]:
        return dict(self.query(HEADS))

    def state(self) -> DatabaseState:
        return DatabaseState(
            self.heads(),
            [
                Row(room, seq, rev, author, str(UUID(str(client_id))), text, bool(deleted), parsed(reactions))
                for room, seq, rev, author, client_id, text, deleted, reactions in self.query(MESSAGES)
            ],
            [
                Change(room, seq, rev, author, str(UUID(str(client_id))))
                for room, seq, rev, author, client_id in self.query(CHANGES)
            ],
        )

    def query(self, statement: str) -> list[Any]:
        if self.url.startswith("sqlite:///"):
            with sqlite3.connect(self.url.removeprefix("sqlite:///"), timeout=20) as connection:
                return connection.execute(statement).fetchall()
        with psycopg.connect(self.url, autocommit=True, connect_timeout=5) as connection:
            return connection.execute(statement.encode()).fetchall()


def parsed(reactions: Any) -> dict[str, list[int]]:
    return json.loads(reactions) if isinstance(reactions, str) else reactions
