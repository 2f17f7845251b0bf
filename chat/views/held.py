"""View: an author withdraws a message that waits for approval, or has read why it was refused."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from chat import frames
from chat.actions import held
from chat.refusals import Refusal

from .errors import answer, json, wants_json
from .errors import page as error_page
from .room import redirect_visitor, visible_room


@require_POST
def withdraw(request: HttpRequest, slug: str, client_id: UUID) -> HttpResponse:
    """With `Accept: application/json` → a `held` event or an `error`, else a redirect to the room."""
    if not request.user.is_authenticated:
        return redirect_visitor(request, slug)
    room = visible_room(request.user, slug)
    message = get_object_or_404(room.held, author=request.user, client_id=client_id)
    try:
        message = held.withdraw(message, by=request.user)
    except Refusal as refusal:
        return answer(refusal) if wants_json(request) else error_page(request, refusal)
    return json(frames.held(message)) if wants_json(request) else redirect("room", room.slug)
