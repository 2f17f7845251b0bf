"""Views: the lobby, which lists rooms or shows visitors the entry form, and the page for a new room."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Exists, Max, OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from chat import frames, names
from chat.actions import rooms
from chat.models import Membership, Room, User, titles
from chat.models.room import NAME_LENGTH
from chat.models.room_queries import RoomQuerySet
from chat.refusals import Refusal

from . import entry
from .deep_links import url_with_next
from .own_reports import show_outcomes
from .room_forms import RoomForm
from .room_sides import direct_ids, sections_of_lobby
from .rows import template_room

PAGE_SIZE = 50  # rooms
APART = 20  # muted and archived rooms on the first page; a page of their own has all
MAX_PAGE = 1_000  # higher page numbers are a 404


@require_http_methods(["GET", "HEAD", "POST"])
def lobby(request: HttpRequest) -> HttpResponse:
    if request.method == "POST" or not request.user.is_authenticated:
        return entry.enter(request)
    show_outcomes(request)
    query, number = request.GET.get("q", "").strip()[:NAME_LENGTH], page_number(request)
    part, is_first = part_of(request), number == 1
    visible = Room.objects.visible_to(request.user)
    found_by = searched_direct if part == "direct" else searched
    ordered = found_by(visible, query, request.user).in_lobby_order(request.user)
    listed = ordered if query or part == "direct" else ordered.filter(apart=part == "apart")
    ids, has_next = page(listed, number, PAGE_SIZE)
    if not ids and not is_first:
        raise Http404
    shows_apart = is_first and not query and not part
    others, more_apart = page(ordered.filter(apart=True), 1, APART) if shows_apart else ([], False)
    direct = direct_ids(request.user) if shows_apart else []
    found = load([*ids, *others, *direct], request.user)
    context: dict[str, Any] = {
        "sections": sections_of_lobby(found, has_pages=shows_apart),
        "found": len(found),
        "mentions_total": sum(room.mentions for room in found if not room.is_muted),
        "query": query,
        "part": part,
        "more_apart": more_apart,
        "has_previous": not is_first,
        "previous": link(query, number - 1, part),
        "has_next": has_next,
        "next": link(query, number + 1, part),
        "may_create": rooms.may_create(request.user),
    }
    if shows_apart:  # only here new rooms appear without a reload
        context["template_room"] = template_room()
        newest = Room.objects.visible_to(request.user).aggregate(newest=Max("pk"))["newest"]
        context["newest"] = newest or 0
    return render(request, "lobby.html", context)


def part_of(request: HttpRequest) -> str:
    """The part of the list that has pages of its own: `apart`, `direct`, or "" for the other rooms."""
    return next((part for part in ("apart", "direct") if request.GET.get(part) == "1"), "")


def page_number(request: HttpRequest) -> int:
    """Raises Http404."""
    number = request.GET.get("page", "1")
    if not (number.isascii() and number.isdigit() and len(number) <= 4 and 1 <= int(number) <= MAX_PAGE):
        raise Http404
    return int(number)


def searched(visible: RoomQuerySet, query: str, user: User) -> RoomQuerySet:
    if not query.isprintable():  # PostgreSQL rejects NUL
        return visible.none()
    return visible.rooms().named_like(query) if query else visible.rooms()


def searched_direct(visible: RoomQuerySet, query: str, user: User) -> RoomQuerySet:
    """The direct conversations with somebody of this name."""
    if not query or not query.isprintable():
        return visible.none() if query else visible.direct()
    key = names.skeleton(query)
    named = Membership.objects.filter(room=OuterRef("pk"), user__name_key__contains=key).exclude(user=user)
    return visible.direct().filter(Exists(named))


def page(ordered: RoomQuerySet, number: int, size: int) -> tuple[list[int], bool]:
    """The ids of the rooms on one page, and whether there are more. The counts are queried only for these."""
    start = (number - 1) * size
    ids = list(ordered.values_list("pk", flat=True)[start : start + size + 1])
    return ids[:size], len(ids) > size


def load(ids: Sequence[int], user: User) -> list[Room]:
    """These rooms with what a list shows of them, without the previews of people whom the user ignores."""
    found = Room.objects.filter(pk__in=ids).listed_for(user).with_preview().in_bulk()
    for room in found.values():
        last = frames.last(room.preview)
        room.last = last if last and last.author.id not in user.ignored else None
    titles.entitle(found.values(), user)
    return [found[id] for id in ids if id in found]


def link(query: str, number: int, part: str) -> str:
    parts: dict[str, str | int] = {"q": query} if query else {}
    parts |= {part: 1} if part == "direct" or (part and not query) else {}
    parts |= {"page": number} if number > 1 else {}
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
