"""Advisory locks, for decisions about rows that another transaction is just inserting."""

from django.db import connection

# Any numbers that no other advisory lock has.
ADDRESSES = 7_301_114  # guests who enter, or a ban of an IP address
ROOMS = 7_301_115  # new rooms, or a decision for all rooms
SEARCH_WORDS = 7_301_116  # messages that are written, or the removal of words that no message has


def lock(key: int, *, shared: bool) -> None:
    """Until the transaction ends, either several hold the lock `shared`, or one alone. Call it before rows
    are locked that the other side locks too. SQLite has one writer anyway.
    """
    if connection.vendor == "postgresql":
        function = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {function}(%s)", [key])
