"""Read marks that are not stored yet. They are written once a second, and kept while the database is away."""

from chat.actions.reading import mark_read

from .. import database

WRITE_EVERY = 1.0  # seconds
KEPT = 50_000  # marks; new ones beyond it are dropped, and the next message read makes up for them


class ReadMarks:
    def __init__(self) -> None:
        self._marks: dict[tuple[int, int], int] = {}  # (room id, user id) → seq

    def note(self, room_id: int, user_id: int, seq: int) -> None:
        place = room_id, user_id
        if place in self._marks or len(self._marks) < KEPT:
            self._marks[place] = max(seq, self._marks.get(place, 0))

    async def write(self) -> None:
        """Raises what the database raises."""
        marks, self._marks = self._marks, {}
        if not marks:
            return
        try:
            await database.run(database.HEARTBEAT, mark_read, marks)
        except database.AWAY:
            for (room_id, user_id), seq in marks.items():
                self.note(room_id, user_id, seq)
            raise
