"""Deep links: the parameter `next` has the page that a visitor is redirected to after the login."""

from urllib.parse import unquote, urlencode, urlsplit

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from chat.models import Room


def next_url(request: HttpRequest) -> str:
    """The parameter `next` if it is a URL of this site, else an empty string."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if is_ours and target.startswith("/") else ""


def next_url_in(request: HttpRequest, room: Room) -> str:
    """The parameter `next` if it is a page of this room, else the room's URL."""
    room_url, target = reverse("room", args=[room.slug]), next_url(request)
    return target if unquote(urlsplit(target).path).startswith(unquote(room_url)) else room_url


def url_with_next(request: HttpRequest, name: str, **query: str) -> str:
    """The URL of the view `name`, with the current page as `next`."""
    return f"{reverse(name)}?{urlencode({**query, 'next': request.get_full_path()})}"
