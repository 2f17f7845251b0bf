"""The read mark of one user in each of their rooms, and their own settings for it."""

from __future__ import annotations

from typing import NamedTuple

import msgspec


class Mark(NamedTuple):
    """The unread messages of a member: those after `last_read`, with this many mentions by name. The other
    fields are the member's own settings for the room: see `Membership`.
    """

    last_read: int
    mentions: int
    notify: str = ""
    favourite: int = 0  # or 1
    position: int = 0


decode_marks = msgspec.json.Decoder(dict[int, Mark]).decode


class Marks:
    """The read marks of a user by room id, decoded at the first use, the people whom they ignore, and the
    rooms from which they are banned or removed.
    """

    __slots__ = ("_decoded", "barred", "ignored", "text", "user_id")

    def __init__(
        self,
        text: str = "{}",
        ignored: frozenset[int] = frozenset(),
        barred: frozenset[int] = frozenset(),
        user_id: int = 0,
    ) -> None:
        self.text = text
        self.ignored = ignored
        self.barred = barred
        self.user_id = user_id
        self._decoded: dict[int, Mark] | None = None

    @property
    def rooms(self) -> dict[int, Mark]:
        if self._decoded is None:
            self._decoded = decode_marks(self.text)
        return self._decoded

    def is_like(self, other: Marks | None) -> bool:
        if other is None:
            return False
        return (self.text, self.ignored, self.barred) == (other.text, other.ignored, other.barred)


NONE = Marks()
