"""Compares the fake clients with the database, as the judge of the chaos run does."""

from chat.models import Message, Room
from tests.chaos import judge
from tests.chaos.database import Change, Row

from .fake_clients import FakeClient


def problems(room: Room, clients: list[FakeClient], changes: list[Change]) -> list[str]:
    """How the clients differ from the room in the database after these changes."""
    rows = [
        Row(
            room.pk,
            each.seq,
            each.rev,
            each.author_id,
            str(each.client_id),
            each.text,
            bool(each.deleted_at),
            each.reactions,
        )
        for each in Message.objects.filter(room=room).order_by("seq")
    ]
    state = judge.Room(room.pk, Room.objects.get(pk=room.pk).head, rows, changes, [])
    found = []
    for client in clients:
        record = client.record()
        if client.timeline.cursor != state.head or not client.timeline.is_synced:
            found.append(f"{client.name} stopped at {client.timeline.cursor} of {state.head}")
        found += [f"{client.name} {problem}" for problem in judge.in_order(state, record)]
        found += [f"{client.name} {problem}" for problem in judge.same_list(state, record)]
    return found
