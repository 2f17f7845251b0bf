"""A room's page: readable and writable before any script runs; then the socket takes over from its cursor."""

from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from chat.actions import rooms
from chat.actions.messages import Draft, post
from chat.client_ip import client_ip
from chat.limits import limits
from chat.models import Message, Room, User
from chat.refusals import Refusal

from .deep_links import detour
from .errors import page as error_page
from .history import LIMIT, page
from .rate_limits import has_post_limit
from .rows import blank, rows

PEOPLE_LISTED = 100
ROOMS_LISTED = 40


@has_post_limit
@require_http_methods(["GET", "HEAD", "POST"])
def room(request: HttpRequest, slug: str) -> HttpResponse:
    if not request.user.is_authenticated:
        return entrance(request, slug)
    here = visible_room(request.user, slug, epoch=_epoch(request))
    if request.method == "POST":
        return _say(request, here)
    if here.slug != slug:
        return redirect("room", here.slug)
    _enter(here, request.user)
    return _show(request, here)


@require_http_methods(["GET", "HEAD"])
def permalink(request: HttpRequest, slug: str, seq: int) -> HttpResponse:
    """The room around one message."""
    if not request.user.is_authenticated:
        return entrance(request, slug)
    here = visible_room(request.user, slug)
    if here.slug != slug:
        return redirect("permalink", here.slug, seq)
    if not 0 < seq <= here.head or not here.messages.filter(seq=seq).exists():
        raise Http404
    _enter(here, request.user)
    return _show(request, here, around=seq)


def visible_room(user: User, slug: str, *, epoch: UUID | None = None) -> Room:
    """The room at this address, now or formerly (see `RoomQuerySet.at`).

    Raises Http404, for a room that does not exist and for one that is not visible to `user` alike.
    """
    found = Room.objects.visible_to(user).at(slug, epoch)
    if found is None:
        raise Http404
    return found


def entrance(request: HttpRequest, slug: str) -> HttpResponse:
    """Redirect a visitor without a session: to the front page, with the name of a public room, else to the
    login. A private room and a room that does not exist get the same answer."""
    found = Room.objects.public().at(slug)
    if settings.OBROLAN_GUESTS and found is not None:
        return redirect(detour(request, "lobby", room=found.name))
    return redirect(detour(request, settings.LOGIN_URL))


def _epoch(request: HttpRequest) -> UUID | None:
    """The epoch of the room that the composer's form was loaded in, or None for any other request."""
    try:
        return UUID(request.POST.get("epoch", ""))
    except ValueError:
        return None


def _enter(here: Room, user: User) -> None:
    try:
        rooms.enter(here, user)
    except Refusal:  # made private a moment ago
        raise Http404 from None


def _show(request: HttpRequest, here: Room, around: int | None = None, **more: Any) -> HttpResponse:
    """The room was read before its messages, so its head is a cursor that misses nothing."""
    found, earlier, later = page(here, LIMIT, around=around)
    people, mine = _people(here, request.user), _rooms(request.user)
    counted = next((room.people for room in mine if room == here), 0)
    context: dict[str, Any] = {
        "room": here,
        "here": here.slug,
        "rows": list(rows(found, here.slug, request.user)),
        "blank": blank(here.slug),
        "earlier": earlier,
        "later": later and around is not None,
        "target": around,
        "people": people,
        "people_count": max(len(people), counted),
        "more_people": counted > len(people),
        "rooms": mine,
        "may_create": rooms.may_create(request.user),
        "folded": request.COOKIES.get("people") == "folded",
        "client_id": uuid4(),
    }
    return render(request, "room.html", context | more, status=more.get("status", 200))


def _people(here: Room, reader: User) -> list[User]:
    """The people who are present, and the reader, who is about to be; PEOPLE_LISTED at most."""
    fresh = here.presences.fresh().values("user")
    others = User.objects.filter(pk__in=fresh).exclude(pk=reader.pk).order_by("name")[: PEOPLE_LISTED - 1]
    return sorted([reader, *others], key=lambda person: person.name.casefold())


def _rooms(reader: User) -> list[Room]:
    """The rooms that the reader belongs to and that were last talked in, by name."""
    mine = Room.objects.visible_to(reader).filter(memberships__user=reader)
    return sorted(mine.listed_for(reader).by_activity()[:ROOMS_LISTED], key=lambda room: room.name.casefold())


def _say(request: HttpRequest, here: Room) -> HttpResponse:
    """Post the composer's form, sent without a script. `client_id` is the idempotency key."""
    text = request.POST.get("text", "")
    try:
        client_id = UUID(request.POST.get("client_id", ""))
    except ValueError:
        return error_page(request, Refusal("malformed", detail="the form came without its id"))
    try:
        limits().spend_post(request.user.pk, client_ip(request))
        result: Message | Refusal = post([Draft(here.pk, request.user.pk, client_id, text)])[0]
    except Refusal as refusal:
        result = refusal
    if isinstance(result, Refusal):
        return _show(
            request, here, text=text, refusal=result.message, client_id=client_id, status=result.status
        )
    return redirect("room", here.slug)
