"""Plans of the queries that load messages: with 10,000 messages, they use indexes only."""

import uuid

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from chat.actions.messages import Draft, post
from chat.models import HeldMessage, Message, Room

MESSAGES = 10_000
PEOPLE = 2_000
PLAN = {"postgresql": "EXPLAIN (COSTS OFF) ", "sqlite": "EXPLAIN QUERY PLAN "}
NUMBERS = {
    "postgresql": "SELECT n FROM generate_series(1, {0}) AS n",
    "sqlite": "WITH RECURSIVE c (n) AS (VALUES (1) UNION SELECT n + 1 FROM c WHERE n < {0}) SELECT n FROM c",
}
UUID = {"postgresql": "gen_random_uuid()", "sqlite": "lower(hex(randomblob(16)))"}
FILL_PEOPLE = """
    INSERT INTO chat_user (username, name, name_key, password, email, is_guest, is_staff, is_superuser,
        is_active, date_joined)
    SELECT 'p' || n, 'P' || n, 'p' || n, '!', '', {1}, {0}, {0}, {1}, CURRENT_TIMESTAMP FROM ({2}) numbers
"""
# Every third message is a reply, every fifth mentions one of the people.
FILL_MESSAGES = """
    INSERT INTO chat_message (room_id, seq, rev, author_id, client_id, text, html, html_version, reactions,
        created_at, reply_to, mentions)
    SELECT {room}, n, n, {author}, {uuid}, '{text}', '<p>{text}</p>', 1, '{{}}', CURRENT_TIMESTAMP,
        CASE WHEN n % 3 = 0 THEN n - 2 END, {mentions}
    FROM ({numbers}) numbers
"""
MENTIONS = {
    "postgresql": "CASE WHEN n % 5 = 0 THEN jsonb_build_array({0}, {0} + 1) ELSE '[]'::jsonb END",
    "sqlite": "CASE WHEN n % 5 = 0 THEN json_array({0}, {0} + 1) ELSE '[]' END",
}

QUERIES = {
    "the latest page": lambda stored: stored.order_by("-seq").with_state()[:50],
    "an earlier page": lambda stored: (
        stored.filter(seq__gte=4_000, seq__lte=4_100).order_by("seq").with_state()
    ),
    "changes since a cursor": lambda stored: stored.changed_since(MESSAGES - 60),
    "messages by number": lambda stored: stored.filter(seq__in_array=[5, 5_000]).with_state(),
}


@pytest.mark.django_db
def test_pages_and_changes_are_read_through_indexes(kitchen, alice):
    vendor, first = connection.vendor, fill(kitchen, alice)
    plans = {}
    with connection.cursor() as cursor:
        for name, query in QUERIES.items():
            found = query(Message.objects.filter(room=kitchen))
            sql, params = found.query.sql_with_params()
            cursor.execute(PLAN[vendor] + sql, params)
            plans[name] = [str(row[-1]).strip() for row in cursor.fetchall()]
            assert any(message.mention_names or message.quoted_names for message in found)
    scans = {name: [line for line in lines if is_scan(line)] for name, lines in plans.items()}
    assert first and not any(scans.values()), scans


@pytest.mark.django_db
def test_slow_mode_and_first_messages_are_read_through_an_index_of_authors(kitchen, alice):
    first = fill(kitchen, alice)
    Message.objects.update(author_id=first + F("seq") % PEOPLE)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    Room.objects.filter(pk=kitchen.pk).update(slow_mode=5, approve_first=20, head=MESSAGES)
    with CaptureQueriesContext(connection) as queries:
        (done,) = post([Draft(kitchen.pk, first, uuid.uuid4(), "hello")])
    assert done.code == "slow_mode"
    Room.objects.filter(pk=kitchen.pk).update(slow_mode=0)
    with CaptureQueriesContext(connection) as more:
        (done,) = post([Draft(kitchen.pk, first, uuid.uuid4(), "hello")])
    assert isinstance(done, HeldMessage)
    asked = [each["sql"] for each in (*queries, *more) if each["sql"].startswith('SELECT "chat_user"')]
    asked = [sql for sql in asked if '"chat_message"' in sql]
    assert len(asked) == 2
    with connection.cursor() as cursor:
        for sql in asked:
            cursor.execute(PLAN[connection.vendor] + sql)
            plan = "\n".join(str(row[-1]) for row in cursor.fetchall())
            # With few messages PostgreSQL may choose another index that begins with the author.
            by_author = ("messages_by_author", "messages_of_person", "one_message_per_client_id")
            assert any(index in plan for index in by_author), plan


def fill(room, author) -> int:
    """Returns the id of the first of the people."""
    vendor = connection.vendor
    no, yes = ("0", "1") if vendor == "sqlite" else ("false", "true")
    with connection.cursor() as cursor:
        cursor.execute(FILL_PEOPLE.format(no, yes, NUMBERS[vendor].format(PEOPLE)))
        cursor.execute("SELECT min(id) FROM chat_user WHERE username = 'p1'")
        first = cursor.fetchone()[0]
        cursor.execute(
            FILL_MESSAGES.format(
                text="Some words. " * 10,
                room=room.pk,
                author=author.pk,
                uuid=UUID[vendor],
                mentions=MENTIONS[vendor].format(first),
                numbers=NUMBERS[vendor].format(MESSAGES),
            )
        )
        cursor.execute("ANALYZE")
    return first


def is_scan(line: str) -> bool:
    """Whether a line of a plan reads a whole table of the chat."""
    if connection.vendor == "postgresql":
        return "Seq Scan on chat_" in line
    return line.startswith("SCAN ") and "INDEX" not in line and "json_each" not in line
