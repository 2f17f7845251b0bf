"""Unstored read marks. They are written once a second, and kept while the database is unavailable."""

from chat.actions.reading import mark_read

from .. import database

WRITE_EVERY = 1.0  # seconds
MAX_KEPT = 50_000  # marks; beyond it new ones are dropped, and the next read message makes up for them


class ReadMarks:
    def __init__(self) -> None:
        self._marks: dict[tuple[int, int], int] = {}  # (room id, user id) → seq

    def note(self, room_id: int, user_id: int, seq: int) -> None:
        key = room_id, user_id
        if key in self._marks or len(self._marks) < MAX_KEPT:
            self._marks[key] = max(seq, self._marks.get(key, 0))

    async def write(self) -> None:
        """Raises what the database raises."""
        marks, self._marks = self._marks, {}
        if not marks:
            return
        try:
            await database.run(database.HEARTBEAT, mark_read, marks)
        except database.UNAVAILABLE:
            for (room_id, user_id), seq in marks.items():
                self.note(room_id, user_id, seq)
            raise
