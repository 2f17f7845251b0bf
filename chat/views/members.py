"""Views: the page about a room with its people, and the forms that add and remove a member."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from chat import permissions
from chat.actions import descriptions, members
from chat.models import Membership, Room, User
from chat.models.people_search import begins_a_word
from chat.names import NAME_LENGTH
from chat.refusals import Refusal

from . import room_settings
from .barred import named_room, visible_room
from .errors import page as error_page
from .gate import modes_of
from .lobby import page_number
from .room import redirect_visitor
from .room_forms import MemberForm

PAGE_SIZE = 50  # members
MAX_PAGE = 200  # so at most 10,000 members are listed; the search finds the others
ROLES = {"member": "a member", "moderator": "a moderator", "owner": "an owner"}


@require_safe
def about(request: HttpRequest, slug: str) -> HttpResponse:
    """The room in words, and its people: `?q=` searches by name, `?page=` continues."""
    if not request.user.is_authenticated:
        return redirect_visitor(request, slug)
    room = visible_room(request.user, slug)
    if room.slug != slug:
        return redirect("about", room.slug)
    query, number = request.GET.get("q", "").strip()[:NAME_LENGTH], page_number(request)
    if number > MAX_PAGE:
        raise Http404
    people, has_next = _people(room, query, number)
    mine = room.memberships.filter(user=request.user).first()
    context: dict[str, Any] = {
        "room": room,
        "description": descriptions.of(room),
        "modes": list(modes_of(room)),
        "pinned": room.messages.pinned().count(),
        "manages": permissions.may_manage(request.user, mine) and not room.is_direct,
        "moderates": permissions.may_moderate(request.user, mine) and not room.is_direct,
        "mine": mine,
        "people": people,
        "count": room.memberships.count(),
        "query": query,
        "is_searchable": query or number > 1 or has_next,
        "previous": _link(query, number - 1) if number > 1 else None,
        "next": _link(query, number + 1) if has_next and number < MAX_PAGE else None,
    }
    return render(request, "about.html", context)


def _people(room: Room, query: str, number: int) -> tuple[list[Membership], bool]:
    """One page of members, those who are here now first, and whether there are more."""
    if not query.isprintable():  # PostgreSQL rejects NUL
        return [], False
    here = Exists(room.presences.fresh().filter(user=OuterRef("user")))
    found = room.memberships.select_related("user").annotate(here=here)
    if query:
        found = found.filter(begins_a_word(query, "user__name"))
    start = (number - 1) * PAGE_SIZE
    listed = list(found.order_by("-here", "user__name", "pk")[start : start + PAGE_SIZE + 1])
    return listed[:PAGE_SIZE], len(listed) > PAGE_SIZE


def _link(query: str, number: int) -> str:
    parts = ({"q": query} if query else {}) | ({"page": number} if number > 1 else {})
    return f"?{urlencode(parts)}"


@require_POST
def add(request: HttpRequest, slug: str) -> HttpResponse:
    room = _room_of(request, slug)
    form = MemberForm(request.POST)
    if form.is_valid():
        person = form.cleaned_data["name"]
        try:
            membership = members.add(room, person, form.cleaned_data["role"], by=request.user)
            messages.success(request, f"{person} is now {ROLES[membership.role]} of this room")
            return redirect("about", room.slug)
        except Refusal as refusal:
            form.refused(refusal, name="name")
    return room_settings.show(request, room, member_form=form)


@require_POST
def remove(request: HttpRequest, slug: str, user_id: int) -> HttpResponse:
    room = _room_of(request, slug)
    if user_id == request.user.pk:
        return redirect("leave", room.slug)  # asks for confirmation
    person = get_object_or_404(User, pk=user_id, memberships__room=room)
    try:
        members.remove(room, person, by=request.user)
    except Refusal as refusal:
        return error_page(request, refusal)
    messages.success(request, f"{person} is no longer a member of {room}")
    return redirect("about", room.slug)


def _room_of(request: HttpRequest, slug: str) -> Room:
    if not request.user.is_authenticated:
        raise Http404
    return named_room(request.user, slug)
