"""The answers and the hints of a commit, in parts of a few rooms.

Between two parts the event loop reads the sockets. So people in the first rooms send their next commands, and
the writer commits them, while the last rooms are still served.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from chat import events
from chat.actions.command import Command, Stored
from chat.refusals import Refusal

ROOMS = 10  # in a part: 200 deliveries in rooms of 20 people, about 3 ms

Result = Stored | Refusal
Answer = Callable[[Result], None]  # called on the event loop, after COMMIT


class Part(NamedTuple):
    """The senders are answered first, so an acknowledgement and the own message leave in one write."""

    answers: list[tuple[Answer, Result]]
    hints: Sequence[events.Hint]  # for this process
    others: Sequence[events.Hint]  # for the other processes: the first part has all


def parts(
    batch: Sequence[tuple[Command, Answer]], results: Iterable[Result], hints: Sequence[events.Hint]
) -> list[Part]:
    """The commands of a room, and its changes, stay together and in order."""
    answers: dict[int, list[tuple[Answer, Result]]] = defaultdict(list)
    for (command, answer), result in zip(batch, results, strict=True):
        answers[command.room_id].append((answer, result))
    if len(answers) <= ROOMS:
        return [Part([each for room in answers.values() for each in room], hints, hints)]
    own, rooms = events.by_room(hints), list(answers)
    found: list[Part] = []
    for start in range(0, len(rooms), ROOMS):
        some = rooms[start : start + ROOMS]
        served = [each for room in some for each in answers[room]]
        changes = [hint for room in some for hint in own.pop(room, ())]
        found.append(Part(served, changes, () if found else hints))
    rest = [hint for others in own.values() for hint in others]
    return [*found, Part([], rest, ())] if rest else found
