"""The page that a visitor wanted before they had to log in: the parameter `next`, kept from page to page."""

from urllib.parse import unquote, urlencode, urlsplit

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from chat.models import Room


def wanted(request: HttpRequest) -> str:
    """The value of `next` if it is a page of this site, else an empty string."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if is_ours and target.startswith("/") else ""


def wanted_in(request: HttpRequest, room: Room) -> str:
    """The page that the visitor wanted, if it is in this room, else the room itself."""
    home, target = reverse("room", args=[room.slug]), wanted(request)
    return target if unquote(urlsplit(target).path).startswith(unquote(home)) else home


def detour(request: HttpRequest, name: str, **query: str) -> str:
    """The URL of the page called `name`, from which the visitor comes back to this one."""
    return f"{reverse(name)}?{urlencode({**query, 'next': request.get_full_path()})}"
