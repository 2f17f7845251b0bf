"""View: enter a room, as a guest with a display name or as the user who is logged in."""

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from chat.actions import members, people, rooms
from chat.client_ip import client_ip
from chat.limits import limits
from chat.models import User
from chat.refusals import Refusal

from . import former_guests, passwords
from .account_forms import EntryForm
from .deep_links import next_url, next_url_in
from .front_page import open_rooms


def enter(request: HttpRequest) -> HttpResponse:
    """The entry form. A guest enters a display name and a room, a logged-in user only a room."""
    logged_in = request.user.is_authenticated
    if not (settings.OBROLAN_GUESTS or logged_in):
        context = {"next": next_url(request), "signup": may_sign_up()}
        return render(request, "enter.html", context, status=403 if request.method == "POST" else 200)
    data = request.POST if request.method == "POST" else None
    form = EntryForm(data, initial={"room": request.GET.get("room")})
    if logged_in:
        del form.fields["username"]
    if form.is_valid():
        try:
            former_guests.refuse(request)
            if not logged_in:
                enter_as_guest(request, form.cleaned_data["username"])
            room = rooms.find_or_create(form.cleaned_data["room"], by=request.user)
            former_guests.refuse(request, room)
            members.enter(room, request.user)
            return former_guests.remember(request, redirect(next_url_in(request, room)))
        except Refusal as refusal:
            form.refused(refusal, name="username")
    context = {"form": form, "next": next_url(request), "signup": may_sign_up(), "rooms": open_rooms()}
    response = render(request, "enter.html", context, status=form.status if form.errors else 200)
    return former_guests.remember(request, response)


def may_sign_up() -> bool:
    return settings.OBROLAN_SIGNUP == "open"


def enter_as_guest(request: HttpRequest, name: str) -> None:
    """Create a guest and log them in. Raises Refusal: too_many_newcomers, and those of the action."""
    limits().spend_newcomer(client_ip(request))
    log_in(request, people.enter_as_guest(name))


def log_in(request: HttpRequest, user: User) -> None:
    """Log a user in, and close the sockets of the user who was logged in before."""
    before = request.user
    login(request, user, backend=passwords.BACKEND)
    if before.is_authenticated and before.pk != user.pk:
        people.sessions_ended(before)
