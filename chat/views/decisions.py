"""Views: the buttons of the page for moderators. Each calls one action, and leads back to the page."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST

from chat.actions import held, modes, sanctions
from chat.models import HeldMessage, Room, Sanction
from chat.refusals import Refusal

from .deep_links import next_url
from .dialogs import done, refused
from .errors import wants_json
from .moderation import Refused, of_moderators, show

Act = Callable[[], object]


def decided(
    request: HttpRequest, room: Room, act: Act, text: str, *, form: str = "", id: int = 0, words: str = ""
) -> HttpResponse:
    """A refusal is shown on the page of moderators. `words` were typed in its form of this name."""
    try:
        act()
    except Refusal as refusal:
        if wants_json(request):
            return refused(request, refusal)
        return show(request, room, Refused(refusal.message, refusal.status, form, id, words))
    return done(request, text, next_url(request) or reverse("moderation", args=[room.slug]))


@require_POST
@of_moderators
def lift(request: HttpRequest, room: Room, id: int) -> HttpResponse:
    """Lift a sanction. That of the whole site needs a higher rank, which the action checks."""
    sanction = get_object_or_404(Sanction.objects.select_related("person", "room"), pk=id)
    if sanction.room_id not in (None, room.pk):
        return refused(request, Refusal("no_sanction"))
    text = f"The {sanction.get_kind_display()} of {sanction.person or sanction.address} is lifted"
    return decided(request, room, lambda: sanctions.lift(sanction, by=request.user), text)


@require_POST
@of_moderators
def answer_appeal(request: HttpRequest, room: Room, id: int) -> HttpResponse:
    sanction = get_object_or_404(Sanction.objects.select_related("person", "room"), pk=id, room=room)
    lifts = request.POST.get("do") == "lift"
    answer = request.POST.get("answer", "")
    return decided(
        request,
        room,
        lambda: sanctions.answer_appeal(sanction, by=request.user, answer=answer, lifts=lifts),
        "The appeal is answered, and the sanction lifted" if lifts else "The appeal is answered",
        form="appeal",
        id=id,
        words=answer,
    )


@require_POST
@of_moderators
def decide_held(request: HttpRequest, room: Room, id: int) -> HttpResponse:
    message = get_object_or_404(HeldMessage.objects.select_related("author", "room"), pk=id, room=room)
    if request.POST.get("do") == "approve":
        return decided(request, room, lambda: held.approve(message, by=request.user), "The message is posted")
    answer = request.POST.get("answer", "")
    return decided(
        request,
        room,
        lambda: held.refuse(message, by=request.user, answer=answer),
        "The message is refused",
        form="held",
        id=id,
        words=answer,
    )


@require_POST
@of_moderators
def set_mode(request: HttpRequest, room: Room) -> HttpResponse:
    """`do`: calm, reopen, lock, slow, archive or unarchive. `reason` is shown to everybody in the room."""
    reason, user = request.POST.get("reason", ""), request.user
    acts: dict[str, tuple[Act, str]] = {
        "calm": (
            lambda: modes.calm_down(room, by=user, reason=reason),
            "The room is read-only for 10 minutes",
        ),
        "lock": (lambda: modes.set_modes(room, by=user, reason=reason, is_locked=True), "The room is locked"),
        "reopen": (lambda: modes.reopen(room, by=user), "The room is open again"),
        "slow": (lambda: modes.set_modes(room, by=user, slow_mode=_seconds(request)), "Slow mode is changed"),
        "archive": (lambda: modes.archive(room, by=user, reason=reason), "The room is archived"),
        "unarchive": (lambda: modes.unarchive(room, by=user), "The room is in use again"),
    }
    act = acts.get(request.POST.get("do", ""))
    if act is None:
        return refused(request, Refusal("malformed", detail="the form has no button"))
    return decided(request, room, *act, form="mode", words=reason)


def _seconds(request: HttpRequest) -> int:
    """Raises Refusal: bad_mode."""
    value = request.POST.get("slow_mode", "")
    if not (value.isascii() and value.isdigit() and len(value) < 6):
        raise Refusal("bad_mode")
    return int(value)
