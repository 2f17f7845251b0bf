"""A large database for the measurements of the admin: rows that SQL inserts, on SQLite and PostgreSQL.

One person wrote a sixth of the messages, and one room has a quarter of them. Half of the rooms are private.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection


@dataclass(frozen=True)
class Size:
    """Numbers of rows."""

    messages: int = 1_000_000
    people: int = 100_000
    reports: int = 10_000
    rooms: int = 1_000
    sanctions: int = 20_000
    held: int = 5_000
    entries: int = 100_000
    rules: int = 500

    @property
    def cases(self) -> int:
        return self.reports // 2


NUMBERS = "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {count})"
PEOPLE = """
    INSERT INTO chat_user (username, name, name_key, password, email, is_superuser, is_staff, is_active,
        date_joined, is_guest, is_sanctioned)
    {numbers} SELECT CASE WHEN n % 3 = 0 THEN 'guest:' || n ELSE 'person' || n END, 'Person ' || n,
        'person' || n, '!', '', FALSE, FALSE, n % 50 > 0, {ago}, n % 3 = 0, n % 5 = 0 FROM n
"""
ROOMS = """
    INSERT INTO chat_room (slug, name, name_key, topic, kind, head, epoch, created_at)
    {numbers} SELECT 'room' || n, 'Room ' || n, 'room ' || n, 'Topic ' || n,
        CASE WHEN n % 2 = 0 THEN 'private' ELSE 'public' END, 0, {uuid}, {ago} FROM n
"""
MEMBERS = """
    INSERT INTO chat_membership (room_id, user_id, role, last_read, joined_at)
    {numbers} SELECT {room} + n % {rooms}, {person} + n - 1, 'member', 0, {ago} FROM n
"""
MESSAGES = """
    INSERT INTO chat_message (room_id, seq, rev, author_id, client_id, text, html, html_version, reactions,
        created_at, deleted_at, deleted_by_id)
    {numbers}, placed AS (
        SELECT n, {room} + CASE WHEN n % 4 = 0 THEN 0 ELSE n % {rooms} END AS room,
            {person} + CASE WHEN n % 6 = 0 THEN 0 ELSE n % {people} END AS author FROM n
    )
    SELECT room, row_number() OVER (PARTITION BY room ORDER BY n),
        row_number() OVER (PARTITION BY room ORDER BY n), author, {uuid},
        'Message ' || n || ': the kettle is on, who wants tea?', '<p>Message</p>', 1, '{{}}', {ago},
        CASE WHEN n % 100 = 7 THEN {now} END, CASE WHEN n % 100 = 7 THEN {moderator} END
    FROM placed
"""
CASES = """
    INSERT INTO chat_case (person_id, message_id, room_id, seq, text, opened_at, closed_at, outcome, answer,
        assignee_id)
    {numbers} SELECT m.author_id, m.id, m.room_id, m.seq, m.text, {ago},
        CASE WHEN n % 2 = 0 THEN {now} END, CASE WHEN n % 2 = 0 THEN 'No action' ELSE '' END, '',
        CASE WHEN n % 9 = 0 THEN {moderator} END
    FROM n JOIN chat_message m ON m.id = {message} + n * 100
"""
REPORTS = """
    INSERT INTO chat_report (case_id, reporter_id, reason, words, created_at)
    {numbers} SELECT c.id, {person} + (n * 7) % {people}, 'spam', 'Again', {ago}
    FROM n JOIN chat_case c ON c.id = {case} + n / 2
"""
SANCTIONS = """
    INSERT INTO chat_sanction (kind, person_id, room_id, reason, note, by_id, created_at, ends_at, ended_at,
        appeal, appealed_at, answer, address)
    {numbers} SELECT CASE n % 3 WHEN 0 THEN 'warning' WHEN 1 THEN 'mute' ELSE 'ban' END,
        {person} + (n * 5) % {people}, CASE WHEN n % 2 = 0 THEN {room} + n % {rooms} END, 'Be kind', '',
        {moderator}, {ago}, CASE WHEN n % 3 = 1 THEN {soon} END, CASE WHEN n % 4 = 0 THEN {now} END,
        CASE WHEN n % 50 = 1 THEN 'Please look again' ELSE '' END, CASE WHEN n % 50 = 1 THEN {now} END, '', ''
    FROM n
"""
HELD = """
    INSERT INTO chat_heldmessage (room_id, author_id, client_id, text, cause, created_at, decided_at,
        approved, answer)
    {numbers} SELECT {room} + n % {rooms}, {person} + n, {uuid}, 'Held ' || n, 'first message', {ago},
        CASE WHEN n % 3 = 0 THEN {now} END, FALSE, '' FROM n
"""
RULES = """
    INSERT INTO chat_rule (kind, pattern, effect, explanation, created_at)
    {numbers} SELECT 'word', 'word' || n, 'hold', '', {now} FROM n
"""


def fill(size: Size) -> None:
    """Fill a migrated database that has one user, the moderator."""
    from chat.actions.audit import Decision, record
    from chat.models import Case, Message, Room, User

    moderator = User.objects.get()
    values = {
        "rooms": size.rooms,
        "people": size.people,
        "moderator": moderator.pk,
        "person": moderator.pk + 1,
    }

    def insert(sql: str, count: int) -> None:
        with connection.cursor() as cursor:
            numbers = NUMBERS.format(count=count)
            cursor.execute(sql.format(numbers=numbers, **values, **_dialect(count)))

    insert(PEOPLE, size.people)
    insert(ROOMS, size.rooms)
    values["room"] = Room.objects.earliest("pk").pk
    insert(MEMBERS, size.people)
    insert(MESSAGES, size.messages)
    values["message"] = Message.objects.earliest("pk").pk
    insert(CASES, size.cases)
    values["case"] = Case.objects.earliest("pk").pk
    for sql, count in (
        (REPORTS, size.reports - 2),
        (SANCTIONS, size.sanctions),
        (HELD, size.held),
        (RULES, size.rules),
    ):
        insert(sql, count)
    from django.db import transaction

    person = User.objects.get(pk=values["person"])
    for _ in range(0, size.entries, 10_000):
        with transaction.atomic():
            record(
                [Decision("hide", by=moderator, person=person, reason="Be kind")] * min(size.entries, 10_000)
            )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE" if connection.vendor == "sqlite" else "VACUUM ANALYZE")


def _dialect(count: int) -> dict[str, str]:
    """Row n of `count` is `count - n` minutes old."""
    if connection.vendor == "sqlite":
        return {
            "uuid": "lower(hex(randomblob(16)))",
            "ago": f"datetime('now', '-' || ({count} - n) || ' minutes')",
            "now": "datetime('now')",
            "soon": "datetime('now', '+' || n || ' minutes')",
        }
    return {
        "uuid": "gen_random_uuid()",
        "ago": f"now() - ({count} - n) * interval '1 minute'",
        "now": "now()",
        "soon": "now() + n * interval '1 minute'",
    }
