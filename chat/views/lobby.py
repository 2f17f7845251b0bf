"""The front page: the list of rooms, or the entry form for visitors; and the page for a new room."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from chat.actions import rooms
from chat.models import Room
from chat.refusals import Refusal

from . import accounts
from .deep_links import detour
from .forms import RoomForm
from .rows import blank_room


@require_http_methods(["GET", "HEAD", "POST"])
def lobby(request: HttpRequest) -> HttpResponse:
    if request.method == "POST" or not request.user.is_authenticated:
        return accounts.enter(request)
    found = Room.objects.visible_to(request.user).listed_for(request.user).by_activity()
    may_create = rooms.may_create(request.user)
    return render(
        request, "lobby.html", {"rooms": found, "blank_room": blank_room(), "may_create": may_create}
    )


@require_http_methods(["GET", "HEAD", "POST"])
def new_room(request: HttpRequest) -> HttpResponse:
    if not request.user.is_authenticated:
        return redirect(detour(request, settings.LOGIN_URL))
    form = RoomForm(request.POST or None)
    if form.is_valid():
        try:
            made = rooms.create(by=request.user, **form.cleaned_data)
            return redirect("room", made.slug)
        except Refusal as refusal:
            form.refused_to(request.user, refusal)
    return render(request, "new_room.html", {"form": form}, status=form.status if form.errors else 200)
