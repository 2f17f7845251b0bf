"""The people who are present in the rooms of a lobby snapshot."""

from collections.abc import Collection

from django.db.models import Count

from chat.models import Presence

from .lobby_snapshot import COUNT_TURNS, Snapshot, Watched


def count_people(rooms: Collection[int], watched: Watched, before: Snapshot) -> dict[int, int]:
    """Present now, by room id; of the rooms that are not due as in the snapshot `before`.

    A process counts after each hint, and without one every COUNT_TURNS seconds. If each of them counted all
    people each second, the work of the database would grow with the square of the processes.
    """
    people = {id: before.rooms[id].people for id in rooms if id in before.rooms}
    due = {
        id for id in rooms if id not in people or id in watched.changed or id % COUNT_TURNS == watched.turn
    }
    fresh = Presence.objects.fresh().filter(room__in_array=due).order_by().values("room")
    counted = fresh.annotate(people=Count("user", distinct=True)).values_list("room", "people")
    return people | dict.fromkeys(due, 0) | dict(counted)
