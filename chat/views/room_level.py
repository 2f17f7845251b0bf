"""View: which messages of one room notify the user."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from chat.actions import notification_settings
from chat.models import Membership, Room

from .forms import Form
from .room import redirect_visitor, visible_room

LEVELS = {
    Membership.ALL: "All messages",
    Membership.MENTIONS: "Mentions",
    Membership.NOTHING: "Nothing: the room is muted",
}


class LevelForm(Form):
    notify = forms.ChoiceField(label="Notify me of", widget=forms.RadioSelect, required=False)

    def __init__(self, *args: Any, room: Room, chosen: str, **kwargs: Any) -> None:
        """The default of the room is stored as "", so it may change."""
        default = Membership(room=room).level
        super().__init__(*args, initial={"notify": "" if chosen == default else chosen}, **kwargs)
        choices = [("" if level == default else level, label) for level, label in LEVELS.items()]
        self.fields["notify"].choices = choices  # type: ignore[attr-defined]


@require_http_methods(["GET", "HEAD", "POST"])
def room_notify(request: HttpRequest, slug: str) -> HttpResponse:
    """Which messages of one room notify the user."""
    if not request.user.is_authenticated:
        return redirect_visitor(request, slug)
    room = visible_room(request.user, slug)
    membership = Membership.objects.filter(room=room, user=request.user).first()
    if membership is None:
        return redirect("room", room.slug)
    form = LevelForm(request.POST or None, room=room, chosen=membership.notify)
    if request.method == "POST" and form.is_valid():
        notification_settings.set_level(room, request.user, form.cleaned_data["notify"])
        messages.success(request, "Saved")
        return redirect("room", room.slug)
    status = form.status if form.errors else 200
    return render(request, "room_notify.html", {"form": form, "room": room}, status=status)
