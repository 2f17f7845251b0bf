"""The people in a room, and the difference between two states as events."""

from chat import frames

People = dict[int, frames.User]  # by id; replaced, never changed in place


def people_changes(before: People, now: People) -> list[frames.Joined | frames.Left | frames.Renamed]:
    joined = [frames.Joined(user=user) for id, user in now.items() if id not in before]
    left = [frames.Left(user=user) for id, user in before.items() if id not in now]
    renamed = [frames.Renamed(user=user) for id, user in now.items() if id in before and before[id] != user]
    return [*joined, *left, *renamed]
