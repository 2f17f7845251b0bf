"""Views: the room page. It works without scripts. With them, a socket continues from the page's cursor."""

from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from chat import permissions, standing
from chat.actions import members, rooms
from chat.actions.command import Stored
from chat.actions.messages import Draft, post
from chat.actions.reading import mark_read
from chat.client_ip import client_ip
from chat.limits import limits
from chat.models import HeldMessage, Membership, Room
from chat.refusals import Refusal

from . import former_guests
from .barred import named_room as named_room
from .barred import visible_room as visible_room
from .deep_links import url_with_next
from .errors import page as error_page
from .gate import standing_of
from .opening import opening
from .own_reports import show_outcomes
from .rate_limits import has_post_limit
from .room_sides import (
    count_people,
    direct_beside,
    people_beside,
    rooms_beside,
    sections_beside,
    shown_number,
)
from .room_top import top_of
from .rows import message_rows, states, template_room, template_row


@has_post_limit
@require_http_methods(["GET", "HEAD", "POST"])
def room(request: HttpRequest, slug: str) -> HttpResponse:
    if not request.user.is_authenticated:
        return redirect_visitor(request, slug)
    here = visible_room(request.user, slug, epoch=_epoch(request))
    if request.method == "POST":
        return _post(request, here)
    if here.slug != slug:
        return redirect("room", here.slug)
    return _show(request, here, membership=_enter(request, here))


@require_http_methods(["GET", "HEAD"])
def permalink(request: HttpRequest, slug: str, seq: int) -> HttpResponse:
    """The room page with the messages around one message."""
    if not request.user.is_authenticated:
        return redirect_visitor(request, slug)
    here = visible_room(request.user, slug)
    if here.slug != slug:
        return redirect("permalink", here.slug, seq)
    if not 0 < seq <= here.head or not here.messages.filter(seq=seq).exists():
        raise Http404
    return _show(request, here, membership=_enter(request, here), around=seq)


def redirect_visitor(request: HttpRequest, slug: str) -> HttpResponse:
    """Redirect a visitor who is not logged in: to the entry form for a public room, else to the login page.

    The response is the same for a private room and for one that does not exist.
    """
    found = Room.objects.public().at(slug)
    if settings.OBROLAN_GUESTS and found is not None:
        return redirect(url_with_next(request, "lobby", room=found.name))
    return redirect(url_with_next(request, settings.LOGIN_URL))


def _epoch(request: HttpRequest) -> UUID | None:
    """The room's epoch from the composer's form; None in other requests."""
    try:
        return UUID(request.POST.get("epoch", ""))
    except ValueError:
        return None


def _enter(request: HttpRequest, here: Room) -> Membership:
    former_guests.refuse(request, here)
    try:
        return members.enter(here, request.user)
    except standing.Sanctioned:  # a moment ago
        raise
    except Refusal:  # became private a moment ago
        raise Http404 from None


def _show(
    request: HttpRequest, here: Room, membership: Membership, around: int | None = None, **more: Any
) -> HttpResponse:
    """Render the room page. `here` is loaded before its messages, so no change is missed after its head."""
    show_outcomes(request)
    found, earlier, later, first_unread = opening(here, request.user, membership.last_read, around)
    people = people_beside(here, request.user)
    mine, direct = rooms_beside(here, request.user), direct_beside(here, request.user)
    listed = next((room for room in (*mine, *direct) if room == here), None)
    people_count, has_more = count_people(here, listed, len(people))
    rows = list(message_rows(found, here.slug, request.user, first_unread))
    moderates = permissions.may_moderate(request.user, membership) and not here.is_direct
    context: dict[str, Any] = {
        "room": here,
        "moderates": moderates,
        **standing_of(here, request.user, moderates),
        "opens_admin": permissions.may_open_in_admin(request.user),
        "last_read": membership.last_read,
        "first_unread": first_unread,
        "unread": listed.unread if listed and first_unread else 0,
        "here": here.slug,
        "rows": rows,
        "states": states(rows),
        "top": top_of(here),
        "own_held": here.held.unanswered().filter(author=request.user).order_by("pk")
        if here.has_held
        else (),
        "template_row": template_row(here.slug),
        "template_room": template_room(),
        "earlier": earlier,
        "later": later,
        "last_seq": found[-1].seq if found else 0,
        "target": around,
        "people": people,
        "people_count": shown_number(people_count, has_more),
        "more_people": shown_number(people_count - len(people), has_more),
        "sections": sections_beside((*mine, *direct)),
        "newest": max(room.pk for room in (*mine, *direct, here)),
        "mentions_total": sum(room.mentions for room in (*mine, *direct) if not room.is_muted),
        "ignored": request.user.ignored,
        "may_create": rooms.may_create(request.user),
        "folded": request.COOKIES.get("people") == "folded",
        "client_id": uuid4(),
    }
    return render(request, "room.html", context | more, status=more.get("status", 200))


def _post(request: HttpRequest, here: Room) -> HttpResponse:
    """Post a message from the composer's form, without scripts. `client_id` is the idempotency key."""
    text = request.POST.get("text", "")
    try:
        client_id = UUID(request.POST.get("client_id", ""))
    except ValueError:
        return error_page(request, Refusal("malformed", detail="the form has no client_id"))
    try:
        limits().spend_post(request.user.pk, client_ip(request))
        result: Stored | Refusal = post([Draft(here.pk, request.user.pk, client_id, text)])[0]
    except Refusal as refusal:
        result = refusal
    if isinstance(result, Refusal):
        refused = {"text": text, "refusal": result.message, "client_id": client_id, "status": result.status}
        return _show(request, here, membership=_enter(request, here), **refused)
    if isinstance(result, HeldMessage):
        return redirect("room", here.slug)
    mark_read({(here.pk, request.user.pk): result.seq})  # so the page opens at this message
    return redirect("room", here.slug)
