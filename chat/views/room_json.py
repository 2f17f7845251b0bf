"""JSON views of a room. A refusal becomes an `error`, the same for a room that the user cannot see."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse

from chat.models import Room
from chat.refusals import Refusal

from .barred import refuse_barred
from .errors import answer


def of_room(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Pass the room that the user may see instead of the slug. The view may raise Refusal."""

    @wraps(view)
    def wrapped(request: HttpRequest, slug: str, **rest: Any) -> HttpResponse:
        try:
            if not request.user.is_authenticated:
                raise Refusal("sign_in")
            room = Room.objects.visible_to(request.user).at(slug)
            if room is None:
                refuse_barred(request.user, slug)
                raise Refusal("no_room")
            return view(request, room, **rest)
        except Refusal as refusal:
            return answer(refusal)

    return wrapped
