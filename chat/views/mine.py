"""View: a member's own settings for a room. The menus of rooms in lists post here too."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from chat.actions.room_settings import order_beside, order_by_activity, set_for_me
from chat.models import Membership, Room
from chat.refusals import Refusal

from .dialogs import done, refused
from .errors import answer, wants_json
from .room import redirect_visitor, visible_room
from .room_sides import direct_beside, rooms_beside, sections_beside

LEVELS = [
    (Membership.ALL, "All messages"),
    (Membership.MENTIONS, "Mentions"),
    (Membership.NOTHING, "Nothing: mute this room"),
]
FIRST = "-"  # in place of a slug: no room has it


@require_http_methods(["GET", "HEAD", "POST"])
def mine(request: HttpRequest, slug: str) -> HttpResponse:
    """The form, and its fields: `notify`, `favourite` (1 or 0), `move` (up or down), `after` (the slug of the
    room above, or FIRST), `by_activity`. A script gets JSON.
    """
    if not request.user.is_authenticated:
        return answer(Refusal("sign_in")) if wants_json(request) else redirect_visitor(request, slug)
    room = visible_room(request.user, slug)
    own = Membership.objects.select_related("room").filter(room=room, user=request.user).first()
    if own is None:  # a visitor who only reads
        return (
            refused(request, Refusal("no_room")) if request.method == "POST" else redirect("room", room.slug)
        )
    if request.method == "POST":
        return _change(request, own)
    if room.slug != slug:
        return redirect("mine", room.slug)
    beside = _section_of(own)
    context: dict[str, Any] = {
        "room": room,
        "own": own,
        "level": own.level,
        "levels": LEVELS,
        "is_first": beside[:1] == [room],
        "is_last": beside[-1:] == [room],
        "is_by_hand": request.user.memberships.exclude(position=0).exists(),
    }
    return render(request, "mine.html", context)


def _change(request: HttpRequest, own: Membership) -> HttpResponse:
    data = request.POST
    changes: dict[str, Any] = {}
    if "notify" in data:
        changes["notify"] = data["notify"]
    if "favourite" in data:
        changes["favourite"] = data["favourite"] == "1"
    if "move" in data or "after" in data:
        changes["position"] = _position(own, _above(own, data["move"]) if "move" in data else data["after"])
    try:
        if "by_activity" in data:
            order_by_activity(by=own.user)
        set_for_me(own.room, by=own.user, **changes)
    except Refusal as refusal:
        return refused(request, refusal)
    return done(request, "Saved", reverse("mine", args=[own.room.slug]))


def _section_of(own: Membership) -> list[Room]:
    """The rooms under the same heading of the list beside a room, in their order."""
    listed = (*rooms_beside(own.room, own.user), *direct_beside(own.room, own.user))
    return next((section.rooms for section in sections_beside(listed) if own.room in section.rooms), [])


def _above(own: Membership, move: str) -> str:
    """The slug of the room that is above this one after it moved up or down by one."""
    beside = _section_of(own)
    if own.room not in beside:
        return FIRST
    place = beside.index(own.room) + (1 if move == "down" else -2)
    return beside[min(place, len(beside) - 1)].slug if place >= 0 else FIRST


def _position(own: Membership, above: str) -> int:
    """The place below the room with this slug; the first one if it is not in the same list."""
    order = [id for id in order_beside(own) if id != own.room_id]
    if not above.isprintable():  # PostgreSQL rejects NUL
        return 1
    found = Room.objects.filter(slug=above, pk__in=order).values_list("pk", flat=True).first()
    return order.index(found) + 2 if found else 1
