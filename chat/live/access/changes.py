"""The changes of users, sessions and sanctions that may end the access of open sockets.

Once a second the heartbeat reads the latest changes, so a socket without a change costs no query.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from time import monotonic
from typing import NamedTuple

from chat.models import AccessChange
from chat.models.access_triggers import MOST

from .. import database

COMMITTED_WITHIN = 10.0  # seconds after the time of a change; later ones are found by the sweep
READ_WITHIN = 10.0  # seconds; after a longer pause, such as an outage, all sockets are checked
WINDOW = COMMITTED_WITHIN + READ_WITHIN


class Row(NamedTuple):
    id: int
    user_id: int | None
    session_key: str | None


class Changes(NamedTuple):
    """The users and sessions that new changes concern."""

    ids: frozenset[int]  # of all rows that were read
    read_at: float  # monotonic seconds
    users: set[int]
    sessions: set[str]
    concern_all: bool


class AccessChanges:
    def __init__(self) -> None:
        self._seen: frozenset[int] = frozenset()
        self._read_at = -inf  # monotonic seconds

    async def read(self) -> Changes:
        """The changes that were committed since the last call of `seen`. Raises what the database raises."""
        now = monotonic()
        rows = await database.run(database.HEARTBEAT, latest)
        new = [row for row in rows if row.id not in self._seen]
        concern_all = (
            now - self._read_at > READ_WITHIN
            or (bool(new) and len(rows) > MOST)
            or any(row.user_id is None and row.session_key is None for row in new)
        )
        users = {row.user_id for row in new if row.user_id is not None}
        sessions = {row.session_key for row in new if row.session_key is not None}
        return Changes(frozenset(row.id for row in rows), now, users, sessions, concern_all)

    def seen(self, changes: Changes) -> None:
        """Remember these changes. Call it after the sockets that they concern were checked."""
        self._seen, self._read_at = changes.ids, changes.read_at


def latest() -> Sequence[Row]:
    found = AccessChange.objects.within(WINDOW).values_list(*Row._fields)
    return [Row(*row) for row in found[: MOST + 1]]
