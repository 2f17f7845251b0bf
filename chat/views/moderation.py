"""View: the page for the moderators of a room, who have no admin. It lists what needs a decision now."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, NamedTuple

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from chat import ranks
from chat.actions import held
from chat.models import Case, HeldMessage, Room, Sanction, User
from chat.models.room_modes import SLOW_MODES

from .moderating import rank_in
from .room import named_room, redirect_visitor

LISTED = 50  # of each kind; the oldest first


def of_moderators(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Pass the room instead of the slug. Raises Refusal: not_allowed, if the user does not moderate it."""

    @wraps(view)
    def wrapped(request: HttpRequest, slug: str, **rest: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_visitor(request, slug)
        room = named_room(request.user, slug)
        ranks.require("decide_case", rank_in(room, request.user))
        return view(request, room, **rest)

    return wrapped


class Refused(NamedTuple):
    """A form of the page that was refused, with what was typed in it."""

    message: str
    status: int
    form: str  # held, appeal or mode
    id: int  # of the held message or the sanction
    words: str


@require_safe
@of_moderators
def moderation(request: HttpRequest, room: Room) -> HttpResponse:
    return show(request, room)


def show(request: HttpRequest, room: Room, refused: Refused | None = None) -> HttpResponse:
    rank = rank_in(room, request.user)
    now = timezone.now()
    waiting, sanctions = list(held.waiting_in(room)[:LISTED]), _sanctions(room)
    context = {
        "room": room,
        "refused": refused,
        "is_lost": refused and not _has_form(refused, room, waiting, sanctions),
        "cases": _cases(room, request.user),
        "held": waiting,
        "sanctions": sanctions,
        "slow_modes": SLOW_MODES,
        "is_calm": room.is_calm(now),
        "may_archive": ranks.may("archive_room", rank),
        "may_set_rules": ranks.may("set_rules", rank),
        "may_lift_site": False,
        "listed": LISTED,
    }
    return render(request, "moderation.html", context, status=refused.status if refused else 200)


def _has_form(refused: Refused, room: Room, waiting: list[HeldMessage], sanctions: list[Sanction]) -> bool:
    """Whether the page still has the field for the words: somebody else may have decided."""
    if refused.form == "held":
        return any(one.pk == refused.id for one in waiting)
    if refused.form == "appeal":
        return any(one.pk == refused.id and one.has_open_appeal for one in sanctions)
    return room.archived_at is None


def _cases(room: Room, user: User) -> list[Case]:
    """The open cases, without those about the user, who must not learn who reported them."""
    found = Case.objects.open().filter(room=room).exclude(person=user).select_related("person", "assignee")
    return list(found.annotate(number=Count("reports")).order_by("opened_at")[:LISTED])


def _sanctions(room: Room) -> list[Sanction]:
    """Those in force in this room. Appeals that wait come first, then the latest."""
    found = room.sanctions.in_force().filter(person__isnull=False).select_related("person", "by", "room")
    listed = list(found.order_by("-pk")[:LISTED])
    return sorted(listed, key=lambda one: not one.has_open_appeal)
