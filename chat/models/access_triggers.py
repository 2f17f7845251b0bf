"""The triggers that write `AccessChange`, so changes by any process, form or SQL statement are noticed.
TRUNCATE runs no trigger; the sweep of the heartbeat finds it.

PostgreSQL runs them once for each statement, with all its rows. They depend on no column, so later migrations
can change the tables. SQLite runs them for each row. Django drops them there when it rebuilds a table, so
`install` runs after each `migrate`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

MOST = 1_000  # rows that a process reads at once; with more it checks all sockets
COMPARED = ("is_active", "password", "name", "picture", "is_sanctioned", "is_guest", "entry_ip")  # of a user


class Trigger(NamedTuple):
    """In its expressions, {old} and {new} are the row before and after, and {now} is the time."""

    name: str
    table: str
    event: str
    user: str
    session: str
    when: str


def of_sanction(name: str, event: str, row: str) -> Trigger:
    """One of an IP address concerns many people: then the sockets of all are checked."""
    user = f"CASE WHEN {row}.address = '' THEN {row}.person_id END"
    when = f"{row}.person_id IS NOT NULL OR {row}.address <> ''"
    return Trigger(f"sanction_{name}", "chat_sanction", event, user, "NULL", when)


DIFFERS = " OR ".join(f"{{old}}.{column} {{differs}} {{new}}.{column}" for column in COMPARED)
TRIGGERS = (
    # The sweep finds sockets of expired sessions. `clearsessions` deletes many such sessions at once, so they
    # write no row.
    Trigger(
        "session_delete",
        "django_session",
        "DELETE",
        "NULL",
        "{old}.session_key",
        "{old}.expire_date > {now}",
    ),
    Trigger(
        "session_update",
        "django_session",
        "UPDATE",
        "NULL",
        "{old}.session_key",
        "{new}.expire_date < {old}.expire_date",
    ),
    Trigger("user_update", "chat_user", "UPDATE", "{old}.id", "NULL", DIFFERS),
    Trigger("user_delete", "chat_user", "DELETE", "{old}.id", "NULL", "true"),
    Trigger("membership_delete", "chat_membership", "DELETE", "{old}.user_id", "NULL", "true"),
    of_sanction("insert", "INSERT", "{new}"),
    of_sanction("update_old", "UPDATE", "{old}"),
    of_sanction("update_new", "UPDATE", "{new}"),
    of_sanction("delete", "DELETE", "{old}"),
)
ROWS = {  # of a statement on PostgreSQL: the transition tables, and the rows in them
    "INSERT": ("NEW TABLE AS new_rows", "new_rows is_now"),
    "DELETE": ("OLD TABLE AS old_rows", "old_rows was"),
    "UPDATE": (
        "OLD TABLE AS old_rows NEW TABLE AS new_rows",
        "old_rows was JOIN new_rows is_now USING ({key})",
    ),
}
# The search path: pg_restore sets an empty one.
POSTGRESQL = """
    CREATE OR REPLACE FUNCTION chat_access_{name}() RETURNS trigger
    LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
    BEGIN
        INSERT INTO chat_accesschange (at, user_id, session_key)
        SELECT clock_timestamp(), {user}, {session} FROM {rows} WHERE {when} LIMIT {limit};
        RETURN NULL;
    END
    $$;
    CREATE OR REPLACE TRIGGER chat_access_{name} AFTER {event} ON {table}
    REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION chat_access_{name}();
"""
SQLITE = """
    CREATE TRIGGER IF NOT EXISTS chat_access_{name} AFTER {event} ON {table} WHEN {when}
    BEGIN INSERT INTO chat_accesschange (at, user_id, session_key) VALUES ({now}, {user}, {session}); END
"""
SQLITE_NOW = "STRFTIME('%Y-%m-%d %H:%M:%f', 'NOW')"


def install(connection: Any) -> None:
    """Create the triggers that are missing."""
    with connection.cursor() as cursor:
        for trigger in TRIGGERS:
            cursor.execute(statement(trigger, connection.vendor))


def remove(connection: Any) -> None:
    with connection.cursor() as cursor:
        for trigger in TRIGGERS:
            if connection.vendor == "postgresql":
                cursor.execute(f"DROP FUNCTION IF EXISTS chat_access_{trigger.name} CASCADE")
            else:
                cursor.execute(f"DROP TRIGGER IF EXISTS chat_access_{trigger.name}")


def statement(trigger: Trigger, vendor: str) -> str:
    if vendor == "sqlite":
        rows = {"old": "old", "new": "new", "differs": "IS NOT", "now": SQLITE_NOW}
        return SQLITE.format(**trigger_with(trigger, rows), now=SQLITE_NOW)
    tables, joined = ROWS[trigger.event]
    key = "session_key" if trigger.table == "django_session" else "id"
    rows = {"old": "was", "new": "is_now", "differs": "IS DISTINCT FROM", "now": "clock_timestamp()"}
    rest = {"tables": tables, "rows": joined.format(key=key), "limit": MOST + 1}
    return POSTGRESQL.format(**trigger_with(trigger, rows), **rest)


def trigger_with(trigger: Trigger, names: dict[str, str]) -> dict[str, str]:
    return {field: text.format(**names) for field, text in trigger._asdict().items()}
