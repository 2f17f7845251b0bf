"""`/rooms/<slug>/<seq>/reactions/`: the names of the people who reacted to a message."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from chat.models import Room, User
from chat.refusals import Refusal

from .errors import json
from .room_json import of_room


@require_safe
@of_room
def people(request: HttpRequest, room: Room, seq: int) -> HttpResponse:
    """`{"people": {"7": "Ayu"}}`. A message has at most `REACTIONS_PER_MESSAGE` reactions."""
    return json({"people": _names(room, seq)})


def _names(room: Room, seq: int) -> dict[str, str]:
    """Raises Refusal: no_message. Nobody reacts to a deleted message."""
    message = room.messages.filter(seq=seq).values_list("reactions", "deleted_at").first()
    if message is None:
        raise Refusal("no_message")
    reactions, deleted_at = message
    ids = set() if deleted_at else {id for people in reactions.values() for id in people}
    found = User.objects.filter(pk__in=ids).values_list("pk", "name")
    return {str(pk): name for pk, name in found}
