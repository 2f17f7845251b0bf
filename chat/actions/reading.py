"""Read marks: the last message that each member of a room has read, and the count of unread mentions."""

import json
from collections.abc import Mapping

from django.db import connection, transaction

from chat.models.membership import NOW

from .mentions import count_again

Marks = Mapping[tuple[int, int], int]  # (room id, user id) → seq

# On PostgreSQL rows are locked in the order of their ids, so processes never deadlock. {0} is `<` for marks
# that move forward, and `>` for those that move back. {1} is the time, by which processes find the change.
POSTGRESQL = """
    WITH locked AS (
        SELECT m.id, v.seq FROM chat_membership m
        JOIN unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS v (room, reader, seq)
            ON m.room_id = v.room AND m.user_id = v.reader AND m.last_read {0} v.seq
        ORDER BY m.id FOR NO KEY UPDATE OF m
    )
    UPDATE chat_membership m SET last_read = locked.seq, changed_at = {1} FROM locked
    WHERE m.id = locked.id AND m.last_read {0} locked.seq
    RETURNING m.room_id, m.user_id, m.mentions
"""
SQLITE = """
    UPDATE chat_membership SET last_read = v.seq, changed_at = {1} FROM (
        SELECT json_extract(value, '$[0]') AS room,
            json_extract(value, '$[1]') AS reader,
            json_extract(value, '$[2]') AS seq
        FROM json_each(%s)
    ) AS v
    WHERE room_id = v.room AND user_id = v.reader AND last_read {0} v.seq
    RETURNING room_id, user_id, mentions
"""


def mark_read(marks: Marks) -> None:
    """Store the last read messages in one statement, and one more if mentions were read. Marks only move
    forward. Those of non-members are ignored.
    """
    with transaction.atomic():
        moved = _move(marks, "<")
        count_again({(room, user) for room, user, mentions in moved if mentions})


def mark_unread(first_unread: Marks) -> None:
    """Mark the messages from these on as unread. Marks only move back."""
    with transaction.atomic():
        moved = _move({key: max(seq - 1, 0) for key, seq in first_unread.items()}, ">")
        count_again({(room, user) for room, user, _ in moved})


def _move(marks: Marks, comparison: str) -> list[tuple[int, int, int]]:
    rows = [(room, user, seq) for (room, user), seq in marks.items()]
    now = NOW[connection.vendor]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            columns = [list(column) for column in zip(*rows, strict=True)]
            cursor.execute(POSTGRESQL.format(comparison, now), columns)
        else:
            cursor.execute(SQLITE.format(comparison, now), [json.dumps(rows)])
        return cursor.fetchall()
