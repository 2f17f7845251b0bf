"""The database, read from outside by plain SQL: no model of the product's is trusted here."""

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
    room: int
    seq: int
    rev: int
    author: int
    client_id: str
    text: str
    deleted: bool
    reactions: dict[str, list[int]]

    def shown(self) -> tuple[int, int, str, bool, dict[str, list[int]]]:
        """What a screen may show of it."""
        if self.deleted:
            return self.seq, self.rev, "", True, {}
        return self.seq, self.rev, self.text, False, self.reactions


@dataclass(frozen=True)
class Noted:
    """One committed change, as the witness wrote it down in the same transaction."""

    room: int
    seq: int
    rev: int
    author: int
    client_id: str


@dataclass
class Books:
    heads: dict[int, int]
    rows: list[Row]
    noted: list[Noted]


class Ledger:
    def __init__(self, url: str) -> None:
        self.url = url

    def heads(self) -> dict[int, int]:
        return dict(self.ask(HEADS))

    def books(self) -> Books:
        return Books(
            self.heads(),
            [
                Row(room, seq, rev, author, str(UUID(str(client_id))), text, bool(deleted), parsed(reactions))
                for room, seq, rev, author, client_id, text, deleted, reactions in self.ask(MESSAGES)
            ],
            [
                Noted(room, seq, rev, author, str(UUID(str(client_id))))
                for room, seq, rev, author, client_id in self.ask(CHANGES)
            ],
        )

    def ask(self, statement: str) -> list[Any]:
        if self.url.startswith("sqlite:///"):
            with sqlite3.connect(self.url.removeprefix("sqlite:///"), timeout=20) as connection:
                return connection.execute(statement).fetchall()
        with psycopg.connect(self.url, autocommit=True, connect_timeout=5) as connection:
            return connection.execute(statement.encode()).fetchall()


def parsed(reactions: Any) -> dict[str, list[int]]:
    return json.loads(reactions) if isinstance(reactions, str) else reactions
