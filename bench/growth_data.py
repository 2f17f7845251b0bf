"""The databases of case g, filled with SQL. The measured room has enough messages for a full page."""

from __future__ import annotations

import os
import sqlite3
import sys

import psycopg

from .contestants import ROOT, Environment, obrolan_variables
from .contestants.builds import run
from .seed import ROOMS as SEEDED_ROOMS
from .seed import USERS

MIN_MESSAGES = 500  # in the measured room, the first one
SQLITE_MESSAGES = 100_000  # in the SQLite database, for its query plans

FILL_ROOMS = """
    INSERT INTO chat_room (slug, name, topic, kind, head, epoch, created_at)
    SELECT 'more' || n, 'More ' || n, '', 'public', 0, gen_random_uuid(), now()
    FROM generate_series(1, %(rooms)s - %(seeded)s) AS n;
    CREATE TEMP TABLE surplus AS SELECT id FROM chat_room ORDER BY id OFFSET %(rooms)s;
    DELETE FROM chat_membership WHERE room_id IN (SELECT id FROM surplus);
    DELETE FROM chat_room WHERE id IN (SELECT id FROM surplus);
"""
# Message n is in room n modulo the number of rooms, except the first MIN_MESSAGES, which are in ROOM.
# row_number() gives each message its number within the room.
FILL_MESSAGES = """
    WITH
    rooms AS (SELECT id, row_number() OVER (ORDER BY id) - 1 AS position FROM chat_room),
    users AS (SELECT id, row_number() OVER (ORDER BY id) - 1 AS position FROM chat_user),
    numbers AS ({numbers}),
    messages AS (
        SELECT n, CASE WHEN n < {min_messages} THEN 0 ELSE n % {rooms} END AS room_position,
               'Message ' || n || ': the kettle is on, who wants tea and who wants coffee?' AS text
        FROM numbers
    )
    INSERT INTO chat_message
        (room_id, seq, rev, author_id, client_id, text, html, html_version, reactions, created_at)
    SELECT rooms.id, row_number() OVER (PARTITION BY rooms.id ORDER BY n),
           row_number() OVER (PARTITION BY rooms.id ORDER BY n), users.id, {uuid},
           text, '<p>' || text || '</p>', 1, '{{}}', {created_at}
    FROM messages
    JOIN rooms ON rooms.position = room_position
    JOIN users ON users.position = n % {users}
    ORDER BY n;
    UPDATE chat_room
    SET head = coalesce((SELECT max(rev) FROM chat_message WHERE room_id = chat_room.id), 0);
"""


def fill_postgres(url: str, messages: int, rooms: int) -> None:
    with psycopg.connect(url, autocommit=True, cursor_factory=psycopg.ClientCursor) as connection:
        connection.execute(FILL_ROOMS, {"rooms": rooms, "seeded": SEEDED_ROOMS})
        connection.execute(
            FILL_MESSAGES.format(
                numbers=f"SELECT n FROM generate_series(0, {messages - 1}) AS n",
                uuid="gen_random_uuid()",
                created_at=f"now() - ({messages} - n) * interval '1 second'",
                rooms=rooms,
                users=USERS,
                min_messages=MIN_MESSAGES,
            )
        )
        connection.execute("VACUUM ANALYZE")


def fill_sqlite(environment: Environment) -> dict[str, str]:
    """Fill a SQLite database with SQLITE_MESSAGES. Returns the environment variables for it."""
    own = {**obrolan_variables(environment), "DATABASE_URL": "", "REDIS_URL": ""}
    variables = {**os.environ, **own}
    seed = [sys.executable, "-m", "bench.seed", str(environment.folder / "unused.txt")]
    run(environment, [sys.executable, "manage.py", "migrate", "--verbosity=0"], cwd=ROOT, env=variables)
    run(environment, seed, cwd=ROOT, env=variables)
    with sqlite3.connect(environment.folder / "var" / "obrolan.sqlite3") as connection:
        connection.executescript(
            FILL_MESSAGES.format(
                numbers="WITH RECURSIVE count (n) AS (SELECT 0 UNION ALL "
                f"SELECT n + 1 FROM count WHERE n + 1 < {SQLITE_MESSAGES}) SELECT n FROM count",
                uuid="lower(hex(randomblob(16)))",
                created_at=f"datetime('now', '-' || ({SQLITE_MESSAGES} - n) || ' seconds')",
                rooms=SEEDED_ROOMS,
                users=USERS,
                min_messages=MIN_MESSAGES,
            )
            + "ANALYZE;"
        )
    return own
