"""Views: the page on which moderators make and revoke the invite links of a room."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from chat import ranks
from chat.actions import join_links
from chat.models import JoinLink, Room
from chat.refusals import Refusal

from .barred import named_room
from .forms import Form
from .moderating import rank_in
from .room import redirect_visitor

USES = {"1": "1 person", "5": "5 people", "25": "25 people", "": "No limit"}


class LinkForm(Form):
    age = forms.ChoiceField(
        label="Expires after",
        choices={value: words for value, (words, _) in join_links.AGES.items()},
        initial="week",
    )
    uses = forms.ChoiceField(label="Can be used by", choices=USES, initial="25", required=False)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def links(request: HttpRequest, slug: str) -> HttpResponse:
    """POST makes a link. The answer shows it this once: only its digest is stored."""
    if not request.user.is_authenticated:
        return redirect_visitor(request, slug)
    room = _of_moderators(request, slug)
    if request.method != "POST":
        return redirect("links", room.slug) if room.slug != slug else _show(request, room, LinkForm())
    form, made = LinkForm(request.POST), ""
    if form.is_valid():
        try:
            _, token = join_links.make(room, by=request.user, **form.cleaned_data)
            made = request.build_absolute_uri(reverse("join", args=[token]))
        except Refusal as refusal:
            form.refused(refusal, name="age")
    return _show(request, room, form, made)


@require_POST
def revoke(request: HttpRequest, slug: str, id: int) -> HttpResponse:
    if not request.user.is_authenticated:
        raise Http404
    room = _of_moderators(request, slug)
    link = get_object_or_404(room.join_links.select_related("room"), pk=id)
    join_links.revoke(link, by=request.user)
    messages.success(request, "The link no longer works")
    return redirect("links", room.slug)


def _of_moderators(request: HttpRequest, slug: str) -> Room:
    room = named_room(request.user, slug)
    ranks.require("invite", rank_in(room, request.user))
    return room


def _show(request: HttpRequest, room: Room, form: LinkForm, made: str = "") -> HttpResponse:
    context: dict[str, Any] = {"room": room, "form": form, "made": made, "links": _open_links(room)}
    return render(request, "room_links.html", context, status=form.status if form.errors else 200)


def _open_links(room: Room) -> list[tuple[JoinLink, bool]]:
    """Each with whether its maker may still invite people: otherwise it works no more."""
    found = room.join_links.open().select_related("made_by").order_by("-pk")[: join_links.OPEN_LINKS]
    backed: dict[int, bool] = {}
    for link in found:
        link.room = room
        if link.made_by_id not in backed:
            backed[link.made_by_id] = join_links.is_backed(link)
    return [(link, backed[link.made_by_id]) for link in found]
