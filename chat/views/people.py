"""Views: members of a room for the completion of `@`, and the people whom a user ignores or blocks."""

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from chat import frames
from chat.actions.blocking import block as block_person
from chat.actions.ignoring import ignore as ignore_person
from chat.models import Room, User
from chat.models.acquaintance import may_see_card
from chat.models.people_search import members_named
from chat.names import NAME_LENGTH
from chat.refusals import Refusal

from .deep_links import next_url, url_with_next
from .errors import answer, json, wants_json
from .errors import page as error_page
from .room_json import of_room


@require_safe
@of_room
def members(request: HttpRequest, room: Room) -> HttpResponse:
    """`?q=` → `{"people": [{"id", "name", "guest"}, …]}`: members with a name that has a word with this
    beginning, present ones first.
    """
    query = request.GET.get("q", "").strip()[:NAME_LENGTH]
    is_name = query.isprintable()  # PostgreSQL rejects NUL
    found = members_named(room, query, for_user=request.user) if is_name else []
    return json({"people": [frames.user(user) for user in found]})


@require_POST
def ignore(request: HttpRequest, user_id: int) -> HttpResponse:
    """`on`: 1 to ignore this person, 0 to stop, which also ends a block."""
    is_blocked = request.user.is_authenticated and user_id in request.user.blocked
    change = ignore_person if request.POST.get("on") == "1" or not is_blocked else block_person
    return _change(request, user_id, change, "ignore")


@require_POST
def block(request: HttpRequest, user_id: int) -> HttpResponse:
    """`on`: 1 to block and ignore this person, 0 to stop both."""
    return _change(request, user_id, block_person, "block")


def _change(
    request: HttpRequest, user_id: int, change: Callable[[User, User, bool], list[int]], verb: str
) -> HttpResponse:
    """JSON for a script, else a redirect to `next`.

    404 for people whom the user cannot know: the list of ignored people would show their names.
    """
    as_json = wants_json(request)
    if not request.user.is_authenticated:
        return answer(Refusal("sign_in")) if as_json else redirect(settings.LOGIN_URL)
    on = request.POST.get("on") == "1"
    other = get_object_or_404(User, pk=user_id)
    if on and not may_see_card(request.user, other):
        raise Http404
    try:
        ignored = change(request.user, other, on)
    except Refusal as refusal:
        return answer(refusal) if as_json else error_page(request, refusal)
    text = f"You {verb} {other} now" if on else f"You no longer {verb} {other}"
    if as_json:
        return json({"ignored": ignored, "message": text})
    messages.success(request, text)
    return redirect(next_url(request) or "ignored")


@require_safe
def ignored(request: HttpRequest) -> HttpResponse:
    """The page that lists the people whom the user ignores."""
    if not request.user.is_authenticated:
        return redirect(url_with_next(request, settings.LOGIN_URL))
    people = User.objects.filter(pk__in_array=request.user.ignored).order_by("name", "pk")
    return render(request, "ignored.html", {"people": people.only("name", "is_guest", "picture")})
