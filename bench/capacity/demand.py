"""The actions of a number of people."""

from __future__ import annotations

from dataclasses import dataclass

HOUR = 3_600  # seconds


@dataclass(frozen=True)
class Habits:
    """Assumptions about people."""

    online: float = 0.2  # of all people, at the busiest hour
    tabs: float = 1.2  # of a person online; each is in a room
    watching: float = 0.5  # of the tabs are in view, and say what was read
    pages_an_hour: float = 12  # opened by a person online; each opens a socket
    listed: float = 20  # rooms that a tab lists; it is told of each at most once a second


@dataclass(frozen=True)
class Demand:
    """Rates are per second. All rooms are taken to be equally busy."""

    sockets: float  # in rooms
    rooms: float  # with sockets
    posts: float = 0.0
    reads: float = 0.0
    list_events: float = 0.0
    pages: float = 0.0
    lobby: float = 0.0  # sockets in the lobby
    in_turn: bool = False  # the readers of a room go to the processes in turn, not at random

    @property
    def readers(self) -> float:
        """Sockets in a room."""
        return self.sockets / self.rooms

    def reached(self, processes: int) -> float:
        """How many processes have a room open."""
        if self.in_turn:
            return min(processes, self.readers)
        return processes * (1 - (1 - 1 / processes) ** self.readers)

    @property
    def deliveries(self) -> float:
        return self.posts * self.readers

    @property
    def comings(self) -> float:
        """Presence rows that are inserted and deleted: as many tabs leave as pages are opened."""
        return 2 * self.pages

    @property
    def read_rows(self) -> float:
        """Marks are written at most once a second: a row for each reader with a new one."""
        return self.reads * (min(1.0, self.rooms / self.posts) if self.posts else 0.0)


def demand(people: float, rooms: float, messages_an_hour: float, habits: Habits) -> Demand:
    online = people * habits.online
    sockets, posts = online * habits.tabs, messages_an_hour / HOUR
    of_a_room = posts / rooms
    return Demand(
        sockets=sockets,
        rooms=rooms,
        posts=posts,
        reads=sockets * habits.watching * of_a_room,
        list_events=sockets * habits.listed * min(1.0, of_a_room),
        pages=online * habits.pages_an_hour / HOUR,
    )
