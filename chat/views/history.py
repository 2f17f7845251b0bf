"""`/rooms/<slug>/messages/`: a room's messages as JSON, and posting without a WebSocket."""

import msgspec
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from chat import frames
from chat.actions.messages import Draft, post
from chat.client_ip import client_ip
from chat.limits import limits
from chat.models import HeldMessage, Message, Room
from chat.refusals import Refusal

from .errors import answer, json
from .rate_limits import has_post_limit
from .room_json import of_room

LIMIT, MAX_LIMIT = 50, 100  # messages in one response: by default, and at most
BYTES = 256 * 1024  # of text and HTML in one response, which always has at least one message

_decode_post = msgspec.json.Decoder(frames.Post).decode


@has_post_limit
@require_http_methods(["GET", "HEAD", "POST"])
@of_room
def messages(request: HttpRequest, room: Room) -> HttpResponse:
    """GET: `{"messages": […], "head": n, "more": bool}`. POST: a `post` frame → its `ack` or `error`."""
    return _post(request, room) if request.method == "POST" else _page(request, room)


def _page(request: HttpRequest, room: Room) -> HttpResponse:
    """`more` is true if there are further messages in the requested direction; with `around`, in either."""
    bounds = {name: _number(request, name) for name in ("before", "after", "around") if name in request.GET}
    if len(bounds) > 1:
        raise Refusal("malformed", detail="give only one of before, after and around")
    limit = min(_number(request, "limit") if "limit" in request.GET else LIMIT, MAX_LIMIT)
    if limit < 1:
        raise Refusal("malformed", detail="limit must be at least 1")
    found, before, after = page(room, limit, **bounds)
    more = before if "before" in bounds or not bounds else after if "after" in bounds else before or after
    return json({"messages": list(map(frames.message, found)), "head": room.head, "more": more})


def page(
    room: Room, limit: int, *, before: int | None = None, after: int | None = None, around: int | None = None
) -> tuple[list[Message], bool, bool]:
    """Up to `limit` messages of at most BYTES in order, and whether there are earlier and later ones.

    The value for a direction that was not requested is True: the client already has messages there.
    Takes two queries per direction.
    """
    stored = room.messages.all()
    if around is not None:
        half = limit // 2
        found, earlier = stored.before_within(around, half, BYTES // 2)
        following, later = stored.after_within(around - 1, limit - half, BYTES // 2)
        return [*found, *following], earlier, later
    if after is not None:
        found, later = stored.after_within(after, limit, BYTES)
        return found, True, later
    found, earlier = stored.before_within(before, limit, BYTES)
    return found, earlier, before is not None


def _number(request: HttpRequest, name: str) -> int:
    try:
        return msgspec.convert(request.GET[name], frames.Number, strict=False)
    except msgspec.ValidationError as error:
        raise Refusal("malformed", detail=f"{name} is not a message number") from error


def _post(request: HttpRequest, room: Room) -> HttpResponse:
    try:
        if len(request.body) > frames.FRAME_BYTES:
            raise Refusal("too_big")
        frame = _decode_post(request.body)
    except RequestDataTooBig:
        raise Refusal("too_big") from None
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise Refusal("malformed", detail=str(error)) from error
    limits().spend_post(request.user.pk, client_ip(request))
    result = post([Draft(room.pk, request.user.pk, frame.id, frame.text, frame.reply_to)])[0]
    if isinstance(result, Refusal):
        return answer(result, id=str(frame.id))
    if isinstance(result, HeldMessage):
        return json(frames.held(result), 202)
    return json(frames.Ack(id=str(frame.id), seq=result.seq, rev=result.rev), 201)
