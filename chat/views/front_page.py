"""The public rooms that visitors see before they log in, with the number of people in each."""

from threading import Lock
from time import monotonic
from typing import NamedTuple

from chat.models import Room

MAX_ROOMS = 20  # listed; a visitor types the name of another one
KEPT_FOR = 2.0  # seconds; visitors in a loop cost no queries

_lock = Lock()  # held by the one thread that reads
_kept: tuple[float, list["OpenRoom"]] | None = None


class OpenRoom(NamedTuple):
    name: str
    topic: str
    people: int  # present now


def open_rooms() -> list[OpenRoom]:
    """The busiest public rooms, at most KEPT_FOR old. While one thread reads, others get the last list."""
    global _kept
    kept = _kept
    if kept and monotonic() - kept[0] < KEPT_FOR:
        return kept[1]
    if not _lock.acquire(blocking=kept is None):
        return kept[1] if kept else []
    try:
        if _kept is kept:
            rows = Room.objects.public().busiest(MAX_ROOMS).values_list(*OpenRoom._fields)
            _kept = monotonic(), [OpenRoom(*row) for row in rows]
        return _kept[1] if _kept else []
    finally:
        _lock.release()


def forget() -> None:
    """For tests, which use one database after the other."""
    global _kept
    _kept = None
