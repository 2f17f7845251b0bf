"""Read marks that are not stored yet: the heartbeat writes them once a second."""

from chat.actions.reading import mark_read

from . import database


class ReadMarks:
    def __init__(self) -> None:
        self._marks: dict[tuple[int, int], int] = {}  # (room id, user id) → seq

    def note(self, room_id: int, user_id: int, seq: int) -> None:
        place = room_id, user_id
        self._marks[place] = max(seq, self._marks.get(place, 0))

    async def write(self) -> None:
        marks, self._marks = self._marks, {}
        if marks:
            await database.run(database.HEARTBEAT, mark_read, marks)
