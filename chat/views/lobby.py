"""Views: the lobby, which lists rooms or shows visitors the entry form, and the page for a new room."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from chat.actions import rooms
from chat.models import Membership, Room, User
from chat.models.room import NAME_LENGTH
from chat.models.room_queries import RoomQuerySet
from chat.refusals import Refusal

from . import accounts
from .deep_links import url_with_next
from .own_reports import show_outcomes
from .room_forms import RoomForm
from .room_sides import direct_beside
from .rows import template_room

PAGE_SIZE = 50  # rooms
MAX_PAGE = 1_000  # higher page numbers are a 404


@require_http_methods(["GET", "HEAD", "POST"])
def lobby(request: HttpRequest) -> HttpResponse:
    if request.method == "POST" or not request.user.is_authenticated:
        return accounts.enter(request)
    show_outcomes(request)
    query, number = request.GET.get("q", "").strip()[:NAME_LENGTH], page_number(request)
    visible = Room.objects.visible_to(request.user).rooms()
    found, has_next = page(visible, request.user, query, number)
    if number > 1 and not found:
        raise Http404
    direct = direct_beside(None, request.user) if number == 1 and not query else []
    context: dict[str, Any] = {
        "rooms": found,
        "direct_rooms": direct,
        "mentions_total": sum(
            room.mentions for room in (*found, *direct) if room.notify != Membership.NOTHING
        ),
        "query": query,
        "has_previous": number > 1,
        "previous": link(query, number - 1),
        "has_next": has_next,
        "next": link(query, number + 1),
        "may_create": rooms.may_create(request.user),
    }
    if number == 1 and not query:  # only here new rooms appear without a reload
        context["template_room"] = template_room()
        newest = Room.objects.visible_to(request.user).aggregate(newest=Max("pk"))["newest"]
        context["newest"] = newest or 0
    return render(request, "lobby.html", context)


def page_number(request: HttpRequest) -> int:
    """Raises Http404."""
    number = request.GET.get("page", "1")
    if not (number.isascii() and number.isdigit() and len(number) <= 4 and 1 <= int(number) <= MAX_PAGE):
        raise Http404
    return int(number)


def page(visible: RoomQuerySet, user: User, query: str, number: int) -> tuple[Sequence[Room], bool]:
    """One page of rooms, and whether there are more. The counts are queried only for these rooms."""
    if not query.isprintable():  # PostgreSQL rejects NUL
        return [], False
    named = visible.filter(name__icontains=query) if query else visible
    start = (number - 1) * PAGE_SIZE
    ids = list(named.in_lobby_order(user).values_list("pk", flat=True)[start : start + PAGE_SIZE + 1])
    found = Room.objects.filter(pk__in=ids[:PAGE_SIZE]).listed_for(user).in_bulk()
    return [found[id] for id in ids[:PAGE_SIZE] if id in found], len(ids) > PAGE_SIZE


def link(query: str, number: int) -> str:
    parts = ({"q": query} if query else {}) | ({"page": number} if number > 1 else {})
    return f"?{urlencode(parts)}" if parts else ""


@require_http_methods(["GET", "HEAD", "POST"])
def new_room(request: HttpRequest) -> HttpResponse:
    if not request.user.is_authenticated:
        return redirect(url_with_next(request, settings.LOGIN_URL))
    form = RoomForm(request.POST or None)
    if form.is_valid():
        try:
            room = rooms.create(by=request.user, **form.cleaned_data)
            return redirect("room", room.slug)
        except Refusal as refusal:
            form.refused_to(request.user, refusal)
    return render(request, "new_room.html", {"form": form}, status=form.status if form.errors else 200)
