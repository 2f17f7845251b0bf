"""Unstored read marks. They are written once a second, and kept while the database is unavailable.

A mark usually moves forward only. "Mark as unread" moves it back, so both kinds are kept apart.
"""

from chat.actions.reading import mark_read, mark_unread

from .. import database

WRITE_EVERY = 1.0  # seconds
MAX_KEPT = 50_000  # marks; beyond it new ones are dropped, and the next read message makes up for them


class ReadMarks:
    def __init__(self) -> None:
        self._marks: dict[tuple[int, int], int] = {}  # (room id, user id) → seq of the last read message
        self._unread: dict[tuple[int, int], int] = {}  # → seq of the first unread message

    def note(self, room_id: int, user_id: int, seq: int) -> None:
        key = room_id, user_id
        if key in self._marks or len(self._marks) < MAX_KEPT:
            self._marks[key] = max(seq, self._marks.get(key, 0))

    def note_unread(self, room_id: int, user_id: int, seq: int) -> None:
        """The user wants to read this message and the later ones again. Lowers their earlier mark."""
        key = room_id, user_id
        if key in self._marks:
            self._marks[key] = min(self._marks[key], max(seq - 1, 0))
        if key in self._unread or len(self._unread) < MAX_KEPT:
            self._unread[key] = seq

    async def write(self) -> None:
        """Raises what the database raises."""
        unread, self._unread = self._unread, {}
        marks, self._marks = self._marks, {}
        try:
            if unread:
                await database.run(database.HEARTBEAT, mark_unread, unread)
                unread = {}
            if marks:
                await database.run(database.HEARTBEAT, mark_read, marks)
        except database.UNAVAILABLE:
            newer, self._unread = self._unread, unread | self._unread
            for (room_id, user_id), seq in marks.items():
                first_unread = newer.get((room_id, user_id))
                self.note(room_id, user_id, seq if first_unread is None else min(seq, first_unread - 1))
            raise
