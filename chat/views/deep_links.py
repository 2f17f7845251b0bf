"""Deep links: the parameter `next` has the page that a visitor is redirected to after the login."""

from urllib.parse import unquote, urlencode, urlsplit

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from chat.models import Room

OTHERS = ("/rooms/", "/accounts/", "/admin/", "/direct/")  # pages to which entering a room does not lead


def next_url(request: HttpRequest) -> str:
    """The parameter `next` if it is a URL of this site, else an empty string."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if is_ours and target.startswith("/") else ""


def next_url_in(request: HttpRequest, room: Room) -> str:
    """The parameter `next` if it is a page of this room, or one of no room, such as a search. Else the room's
    URL.
    """
    room_url, target = reverse("room", args=[room.slug]), next_url(request)
    path = unquote(urlsplit(target).path)
    belongs = path.startswith(unquote(room_url))
    return target if belongs or (path.strip("/") and not path.startswith(OTHERS)) else room_url


def url_with_next(request: HttpRequest, name: str, **query: str) -> str:
    """The URL of the view `name`, with the current page as `next`."""
    return f"{reverse(name)}?{urlencode({**query, 'next': request.get_full_path()})}"
