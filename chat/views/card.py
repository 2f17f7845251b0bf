"""View: the card of a person, a page that works without scripts. `js/card.js` shows it beside a name."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateformat import format
from django.views.decorators.http import require_safe

from chat import permissions
from chat.actions import direct
from chat.frames import MAX_NUMBER
from chat.limits import limits
from chat.models import Membership, Room, User, titles
from chat.models.acquaintance import IN_COMMON, may_see_card, rooms_in_common
from chat.refusals import Refusal

from .deep_links import url_with_next


@require_safe
def card(request: HttpRequest, user_id: int) -> HttpResponse:
    """`?room=`: the slug of the room in which the name was chosen: the card shows the role there."""
    if not request.user.is_authenticated:
        return redirect(url_with_next(request, settings.LOGIN_URL))
    limits().spend_card(request.user.pk)
    person = person_for(request.user, user_id)
    room = _room(request, person)
    common = rooms_in_common(request.user, person)
    context: dict[str, Any] = {
        "person": person,
        "is_self": person == request.user,
        "room": room,
        "role": _role(room, person),
        "moderates": room is not None and not room.is_direct and _moderates(request.user, room),
        "local_time": _local_time(person),
        "common": common[:IN_COMMON],
        "more_common": len(common) > IN_COMMON,
        "reported_in": room or next(iter(common), None),
        "is_ignored": person.pk in request.user.ignored,
        "is_blocked": person.pk in request.user.blocked,
    }
    if person != request.user:
        context |= _writing(request.user, person)
    return render(request, "card.html", context)


def person_for(user: User, id: int) -> User:
    """A person whom the user can see. Raises Http404 for others, as if they did not exist."""
    person = User.objects.filter(pk=id).first() if id <= MAX_NUMBER else None
    if person is None or not may_see_card(user, person):
        raise Http404
    return person


def _room(request: HttpRequest, person: User) -> Room | None:
    """The room of the parameter, if the user sees it and the person is a member."""
    slug = request.GET.get("room", "")
    room = Room.objects.visible_to(request.user).at(slug) if slug.isprintable() and slug else None
    if room is None or not room.memberships.filter(user=person).exists():
        return None
    titles.entitle([room], request.user)
    return room


def _role(room: Room | None, person: User) -> str:
    """Their role in the room, “” for a member."""
    if room is None or room.is_direct:
        return ""
    membership = room.memberships.filter(user=person).exclude(role=Membership.MEMBER).first()
    return membership.get_role_display() if membership else ""


def _moderates(user: User, room: Room) -> bool:
    return permissions.may_moderate(user, room.memberships.filter(user=user).first())


def _writing(user: User, person: User) -> dict[str, Any]:
    """The existing conversation of the two, or why the user cannot start one."""
    found = direct.find_direct(user, person)
    if found is not None:
        return {"conversation": found}
    try:
        direct.refuse_unless_reachable({person.pk}, user)
    except Refusal as refusal:
        return {"why_not": refusal.message}
    return {}


def _local_time(person: User) -> str:
    """“14:05, Tuesday” where the person is, or “” if they did not say."""
    try:
        zone = ZoneInfo(person.time_zone) if person.time_zone else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        zone = None
    return format(datetime.now(zone), "H:i, l") if zone else ""
