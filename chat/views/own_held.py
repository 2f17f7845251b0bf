"""View: the author of a message that waits takes it back, or has read why it was refused."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from chat.actions import held
from chat.models import HeldMessage, Room
from chat.refusals import Refusal

from .errors import json
from .room_json import of_room


@require_POST
@of_room
def withdraw(request: HttpRequest, room: Room, client_id: UUID) -> HttpResponse:
    own = HeldMessage.objects.select_related("author", "room")
    found = own.filter(room=room, author=request.user, client_id=client_id).first()
    if found is None:
        raise Refusal("no_message")
    held.withdraw(found, by=request.user)
    return json({})
