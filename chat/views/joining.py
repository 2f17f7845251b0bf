"""View: the page that an invite link of a room opens. Only its button joins, so previews use nothing up."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from chat import names
from chat.actions import join_links
from chat.client_ip import client_ip
from chat.limits import limits
from chat.models import JoinLink, Room
from chat.refusals import Refusal

from . import entry, errors, former_guests
from .forms import Form, Line

MAX_TOKEN = 100  # characters


class GuestForm(Form):
    username = Line(names.check_name, label="Display name", limit=names.NAME_LENGTH, autocomplete="nickname")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    try:
        link = _find(request, token)
    except Refusal as refusal:
        return _refused(request, refusal)
    if request.user.is_authenticated:
        former_guests.refuse(request, link.room)
        join_links.refuse_kept_out(link.room, request.user)
        if link.room.members.contains(request.user):
            return redirect("room", link.room.slug)
        if request.method == "POST":
            return _join(request, token)
    elif request.method == "POST":
        return _join_as_guest(request, link, token)
    return _invite(request, link.room, GuestForm())


def _find(request: HttpRequest, token: str) -> JoinLink:
    """Only unknown tokens count as guesses. Raises Refusal: what `find` raises; too_many_guesses."""
    limits().check_guess(client_ip(request))
    try:
        if len(token) > MAX_TOKEN:
            raise Refusal("link_unknown")
        return join_links.find(token)
    except Refusal as refusal:
        if refusal.code == "link_unknown":
            limits().spend_guess(client_ip(request))
        raise


def _join(request: HttpRequest, token: str) -> HttpResponse:
    """A guest is remembered also after a refusal: they may have entered in this request."""
    try:
        response = redirect("room", join_links.join(token, request.user).slug)
    except Refusal as refusal:
        is_of_link = refusal.code.startswith("link_")
        response = _refused(request, refusal) if is_of_link else errors.page(request, refusal)
    return former_guests.remember(request, response)


def _join_as_guest(request: HttpRequest, link: JoinLink, token: str) -> HttpResponse:
    form = GuestForm(request.POST)
    if form.is_valid():
        try:
            former_guests.refuse(request, link.room)
            entry.enter_as_guest(request, form.cleaned_data["username"])
        except Refusal as refusal:
            form.refused(refusal, name="username")
        else:
            return _join(request, token)
    return _invite(request, link.room, form)


def _invite(request: HttpRequest, room: Room, form: GuestForm) -> HttpResponse:
    context: dict[str, Any] = {
        "room": room,
        "count": room.memberships.count(),
        "form": form,
        "guests": settings.OBROLAN_GUESTS,
        "signup": settings.OBROLAN_SIGNUP == "open",
        "next": request.path,
    }
    response = render(request, "join.html", context, status=form.status if form.errors else 200)
    response["X-Robots-Tag"] = "noindex"
    return response


def _refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    context = {"title": "This invite link does not work", "message": refusal.message}
    response = render(request, "error.html", context, status=refusal.status)
    if refusal.retry_after_ms is not None:
        response["Retry-After"] = str(-(-refusal.retry_after_ms // 1000))
    return response
