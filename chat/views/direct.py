"""Views: start a direct conversation, and choose who may start one with oneself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chat.actions import direct
from chat.frames import MAX_NUMBER
from chat.limits import limits
from chat.models import User
from chat.models.acquaintance import is_open, may_be_written_to, may_see_card, sharing_a_room
from chat.names import NAME_LENGTH
from chat.refusals import Refusal

from .deep_links import next_url, url_with_next
from .errors import answer, json, wants_json
from .forms import Form


class MayWriteForm(Form):
    may_write = forms.ChoiceField(
        label="Who can start a direct conversation with you",
        choices={
            User.EVERYONE: "Everyone with an account",
            User.SHARED: "People who share a room with you",
            User.NOBODY: "Nobody",
        },
        widget=forms.RadioSelect,
        help_text="Conversations that exist go on. People whom you ignore or block can never start one.",
    )


@require_safe
def new(request: HttpRequest) -> HttpResponse:
    """Choose the people. `to`: ids of those who are chosen already. `q`: the beginning of a name."""
    if not request.user.is_authenticated:
        return redirect(url_with_next(request, settings.LOGIN_URL))
    return _choose(request, _people(request, request.GET.getlist("to")))


@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Open the conversation of these people. JSON with its address for a script, else a redirect there."""
    if not request.user.is_authenticated:
        return answer(Refusal("sign_in")) if wants_json(request) else redirect(settings.LOGIN_URL)
    given = request.POST.getlist("to")
    people: list[User] = []
    try:
        people = _people(request, given)
        if len(people) < len(set(given)):
            raise Refusal("direct_unknown")
        room = direct.open_direct(people, by=request.user)
    except Refusal as refusal:
        if wants_json(request):
            return answer(refusal)
        return _choose(request, people, refusal)
    url = reverse("room", args=[room.slug])
    return json({"url": url}) if wants_json(request) else redirect(url)


@require_http_methods(["GET", "HEAD", "POST"])
def may_write(request: HttpRequest) -> HttpResponse:
    if not request.user.is_authenticated:
        return redirect(url_with_next(request, settings.LOGIN_URL))
    form = MayWriteForm(request.POST or None, initial={"may_write": request.user.may_write})
    if request.method == "POST" and form.is_valid():
        direct.set_may_write(request.user, form.cleaned_data["may_write"])
        messages.success(request, "Saved")
        return redirect(next_url(request) or "may_write")
    context = {"may_write_form": form, "section": "direct"}
    return render(request, "may_write.html", context, status=form.status if form.errors else 200)


def _choose(request: HttpRequest, chosen: Sequence[User], refusal: Refusal | None = None) -> HttpResponse:
    query = request.GET.get("q", "").strip()[:NAME_LENGTH]
    ids = [person.pk for person in chosen]
    is_full = len(chosen) >= direct.MAX_PEOPLE - 1
    found = []
    if query.isprintable() and not is_full:  # PostgreSQL rejects NUL
        with_guests = settings.OBROLAN_GUESTS_DIRECT
        found = may_be_written_to(request.user, query, with_guests=with_guests, without=ids)
    closed = request.user.is_guest and not settings.OBROLAN_GUESTS_DIRECT
    context: dict[str, Any] = {
        "chosen": [(person, _link(set(ids) - {person.pk})) for person in chosen],
        "found": [(person, _link({*ids, person.pk})) for person in found],
        "query": query,
        "is_full": is_full,
        "refusal": Refusal("direct_guests") if closed else refusal,
        "is_closed": closed,
    }
    return render(request, "new_direct.html", context, status=refusal.status if refusal else 200)


def _people(request: HttpRequest, given: Sequence[str]) -> list[User]:
    """The other people with these ids whom the user can see, at most as many as fit. Only for those who share
    no room with the user and are not open does it take long to know; each costs as much as a card.

    Raises Refusal: too_many_requests.
    """
    numbers = {int(id) for id in given[: direct.MAX_PEOPLE] if id.isascii() and id.isdigit() and len(id) < 20}
    ids = {id for id in numbers if id <= MAX_NUMBER} - {request.user.pk}
    people = list(User.objects.filter(pk__in=ids).order_by("name", "pk"))
    seen = sharing_a_room(request.user, ids) | {person.pk for person in people if is_open(person)}
    if others := ids - seen:
        limits().spend_card(request.user.pk, len(others))
    return [person for person in people if person.pk in seen or may_see_card(request.user, person)]


def _link(ids: set[int]) -> str:
    query = urlencode([("to", id) for id in sorted(ids)])
    return f"{reverse('new_direct')}?{query}"
