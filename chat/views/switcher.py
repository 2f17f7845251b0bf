"""View: the rooms, people and commands that the quick switcher offers (js/switcher.js)."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve, reverse
from django.views.decorators.http import require_safe

from chat import frames
from chat.actions import rooms
from chat.limits import limits
from chat.models import Room, User
from chat.models.people_search import known_people_named
from chat.models.room import NAME_LENGTH
from chat.refusals import Refusal

from .errors import answer, json

MAX_ROOMS = 20  # in one answer


@require_safe
def switch(request: HttpRequest) -> HttpResponse:
    """`?q=` → `{"rooms": […], "people": […], "commands": […]}`, only what the person may see."""
    if not request.user.is_authenticated:
        return answer(Refusal("sign_in"))
    try:
        limits().spend_switch(request.user.pk)
    except Refusal as refusal:
        return answer(refusal)
    query = request.GET.get("q", "").strip()[:NAME_LENGTH]
    if not query.isprintable():  # PostgreSQL rejects NUL
        query = ""
    people = known_people_named(query, for_user=request.user) if query else []
    found = {
        "rooms": rooms_for(request.user, query),
        "people": [frames.user(person) for person in people],
        "commands": commands_for(request.user),
    }
    return json(found)


def rooms_for(user: User, query: str) -> list[dict[str, Any]]:
    """Rooms with this text in their name, those of the user first; without a text only these."""
    visible = Room.objects.visible_to(user).exclude(kind=Room.DIRECT)  # their names are those of the people
    found = visible.named_like(query) if query else visible.filter(members=user)
    columns = ("slug", "name", "kind")
    return [
        dict(zip(columns, row, strict=True))
        for row in found.in_lobby_order(user).values_list(*columns)[:MAX_ROOMS]
    ]


def commands_for(user: User) -> list[dict[str, str]]:
    """The commands of every page. js/switch_data.js adds those of the current page."""
    listed = {
        "All rooms": reverse("lobby"),
        "New room": reverse("new_room") if rooms.may_create(user) else "",
        "Search": "/search/",
        "Mentions": reverse("mentions"),
        "Profile": "/accounts/profile/",
        "Notifications": "/accounts/notifications/",
        "Ignored people": reverse("ignored"),
        "Your reports": reverse("reports"),
        "Change password": "" if user.is_guest else reverse("password_change"),
        "Admin": reverse("admin:index") if user.is_staff else "",
    }
    return [{"label": label, "url": url} for label, url in listed.items() if url and _exists(url)]


def _exists(url: str) -> bool:
    try:
        resolve(url)
    except Resolver404:
        return False
    return True
