"""The people in a room, and the difference between two states as events.

Of more than LISTED people only LISTED are known to clients, and the number of all. Otherwise the work would
grow with the square of the people: each one who enters would be sent all others, and announced to them.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice

from chat import frames

LISTED = 100  # people; also in views/room_sides.py

People = dict[int, frames.User]  # by id; replaced, never changed in place
Changes = list[frames.Joined | frames.Left | frames.Renamed | frames.Crowd]


class Crowded(People):
    """More than LISTED people: those with the lowest ids, so that all processes list the same ones and a
    newcomer seldom changes the list, and the number of all.
    """

    def __init__(self, listed: Mapping[int, frames.User], present: int) -> None:
        super().__init__(listed)
        self.present = present


def count_of(people: People) -> int:
    return people.present if isinstance(people, Crowded) else len(people)


def people_changes(before: People, now: People) -> Changes:
    """The events between two states. If one of them is a crowd, this is a `crowd` event instead of joins and
    leaves. It has the list only if the list changed.
    """
    renamed = [frames.Renamed(user=user) for id, user in now.items() if before.get(id, user) != user]
    was_crowded, is_crowded = isinstance(before, Crowded), isinstance(now, Crowded)
    if was_crowded or is_crowded:
        present = count_of(now)
        if was_crowded != is_crowded or before.keys() != now.keys():
            return [frames.Crowd(present=present, people=[*now.values()]), *renamed]
        return [*([] if present == count_of(before) else [frames.Crowd(present=present)]), *renamed]
    joined = [frames.Joined(user=user) for id, user in now.items() if id not in before]
    left = [frames.Left(user=user) for id, user in before.items() if id not in now]
    return [*joined, *left, *renamed]


def with_local(people: People, local: People) -> People:
    """With those who are here through this process, whose rows may not be read yet. A crowd stays as it was
    announced, and gets its number within a second. The cost is bounded, however many people there are.
    """
    if isinstance(people, Crowded):
        return people
    every = people | (local if len(local) <= LISTED else dict(islice(local.items(), LISTED + 1)))
    if len(every) <= LISTED:
        return every
    return Crowded({id: every[id] for id in sorted(every)[:LISTED]}, max(len(every), len(local)))


def with_names(people: People, users: Mapping[int, frames.User]) -> People:
    """With the new names of these people. The same object if there are none."""
    both = users.keys() & people.keys()
    renamed = {id: users[id] for id in both if users[id] != people[id]}
    if not renamed:
        return people
    return Crowded(people | renamed, people.present) if isinstance(people, Crowded) else people | renamed


def listed_for(user: frames.User, people: People) -> list[frames.User]:
    """The people whom a client is sent: its own user is always one of them."""
    if user.id in people or not isinstance(people, Crowded):
        return [*people.values()]
    return [user, *islice(people.values(), LISTED - 1)]
