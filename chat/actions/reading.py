"""Read marks: the last message that each member of a room has read."""

import json
from collections.abc import Mapping

from django.db import connection

# Marks only move forward. On PostgreSQL rows are locked in the order of their ids, so processes never
# deadlock.
POSTGRESQL = """
    WITH locked AS (
        SELECT m.id, v.seq FROM chat_membership m
        JOIN unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS v (room, reader, seq)
            ON m.room_id = v.room AND m.user_id = v.reader AND m.last_read < v.seq
        ORDER BY m.id FOR NO KEY UPDATE OF m
    )
    UPDATE chat_membership m SET last_read = locked.seq FROM locked
    WHERE m.id = locked.id AND m.last_read < locked.seq
"""
SQLITE = """
    UPDATE chat_membership SET last_read = v.seq FROM (
        SELECT json_extract(value, '$[0]') AS room,
            json_extract(value, '$[1]') AS reader,
            json_extract(value, '$[2]') AS seq
        FROM json_each(%s)
    ) AS v
    WHERE room_id = v.room AND user_id = v.reader AND last_read < v.seq
"""


def mark_read(marks: Mapping[tuple[int, int], int]) -> None:
    """Store marks, {(room id, user id): seq}, in one statement. Marks of non-members are ignored."""
    rows = [(room, user, seq) for (room, user), seq in marks.items()]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(POSTGRESQL, [list(column) for column in zip(*rows, strict=True)])
        else:
            cursor.execute(SQLITE, [json.dumps(rows)])
