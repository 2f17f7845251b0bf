"""Unstored read marks. They are written at once, or once a second when there are many, and kept while the
database is unavailable.

A mark usually moves forward only. "Mark as unread" moves it back, so both kinds are kept apart.
"""

from time import monotonic

from chat.actions.reading import mark_read, mark_unread

from .. import database

WRITE_EVERY = 0.2  # seconds
WRITE_MANY_EVERY = 1.0  # seconds
MANY = 50  # marks; as many readers in a busy room send one with each message
MAX_KEPT = 50_000  # marks; beyond it new ones are dropped, and the next read message makes up for them

Marks = dict[tuple[int, int], int]


class ReadMarks:
    def __init__(self) -> None:
        self._marks: Marks = {}  # (room id, user id) → seq of the last read message
        self._unread: Marks = {}  # → seq of the first unread message; written before `_marks`
        self._written_at = 0.0  # monotonic seconds

    def note(self, room_id: int, user_id: int, seq: int) -> None:
        key = room_id, user_id
        if key in self._marks or len(self._marks) < MAX_KEPT:
            self._marks[key] = max(seq, self._marks.get(key, 0))

    def note_unread(self, room_id: int, user_id: int, seq: int) -> bool:
        """The user wants to read this message and the later ones again. Limits their earlier marks.

        Returns True if no other such mark waits to be written.
        """
        key = room_id, user_id
        self.limit(room_id, user_id, seq)
        is_first = key not in self._unread
        if not is_first or len(self._unread) < MAX_KEPT:
            self._unread[key] = seq
        return is_first

    def limit(self, room_id: int, user_id: int, first_unread: int) -> None:
        """The user marked messages as unread, perhaps through another process, after a mark noted here."""
        key = room_id, user_id
        if key in self._marks:
            self._marks[key] = min(self._marks[key], first_unread - 1)

    async def write_if_due(self) -> None:
        """Raises what the database raises."""
        many = len(self._marks) + len(self._unread) >= MANY
        if not many or monotonic() - self._written_at >= WRITE_MANY_EVERY:
            await self.write()

    async def write(self) -> None:
        """Raises what the database raises."""
        self._written_at = monotonic()
        unread, self._unread = self._unread, {}
        marks, self._marks = self._marks, {}
        try:
            if unread:
                await database.run(database.HEARTBEAT, mark_unread, unread)
                unread = {}
            if marks:
                await database.run(database.HEARTBEAT, mark_read, marks)
        except database.UNAVAILABLE:
            self._put_back(unread, marks)
            raise

    def _put_back(self, unread: Marks, marks: Marks) -> None:
        """Keep what was not stored. Marks noted meanwhile are newer."""
        for key, seq in marks.items():
            self.note(*key, min(seq, self._unread.get(key, seq + 1) - 1))
        self._unread = unread | self._unread
