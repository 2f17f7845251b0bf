"""Views that ask before they act: leave a room, hand it over, and archive it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from chat.actions import members, modes, ownership
from chat.models import Membership, Room, User
from chat.models.room_modes import NOTICE_LENGTH
from chat.refusals import Refusal

from . import room_settings
from .barred import named_room
from .forms import Form, Line
from .room import redirect_visitor
from .room_forms import account_named

form_methods = require_http_methods(["GET", "HEAD", "POST"])


@form_methods
def leave(request: HttpRequest, slug: str) -> HttpResponse:
    """GET shows the confirmation page. `abandons`: the last owner leaves the room without one."""
    if not request.user.is_authenticated:
        return redirect_visitor(request, slug)
    room = named_room(request.user, slug)
    context: dict[str, Any] = {"room": room}
    if request.method == "POST":
        try:
            members.remove(room, request.user, by=request.user, abandons=request.POST.get("abandons") == "1")
            messages.success(request, f"You left {room}")
            return redirect("lobby")
        except Refusal as refusal:
            context |= {"refusal": refusal, "others": _has_candidates(room, request.user)}
    status = context["refusal"].status if "refusal" in context else 200
    return render(request, "leave_room.html", context, status=status)


def _has_candidates(room: Room, user: User) -> bool:
    return ownership.candidates(room).exclude(user=user).exists()


class HandOverForm(Form):
    name = forms.CharField(
        label="New owner: username or display name",
        max_length=User._meta.get_field("username").max_length,
        help_text="A member of this room with an account.",
        error_messages={"required": "Enter a name."},
    )

    def __init__(self, *args: Any, room: Room, **kwargs: Any) -> None:
        self.room = room
        super().__init__(*args, **kwargs)

    def clean_name(self) -> User:
        found = account_named(self.cleaned_data["name"])
        if found is None or not ownership.candidates(self.room).filter(user=found).exists():
            raise ValidationError("No member of this room with an account has this name.")
        return found


@form_methods
def hand_over(request: HttpRequest, slug: str) -> HttpResponse:
    """The page names the new owner and asks once more before the room is handed over."""
    if not request.user.is_authenticated:
        return redirect_visitor(request, slug)
    room = named_room(request.user, slug)
    if not _owns(room, request.user):
        raise Refusal("not_your_room")
    form = HandOverForm(request.POST or None, room=room)
    person = form.cleaned_data["name"] if form.is_valid() else None
    if person and request.POST.get("confirmed") == "1":
        try:
            ownership.hand_over(room, person, by=request.user)
            messages.success(request, f"{person} owns {room} now. You are a moderator.")
            return redirect("about", room.slug)
        except Refusal as refusal:
            form.refused(refusal, name="name")
            person = None
    context = {"room": room, "form": form, "person": person}
    return render(request, "hand_over.html", context, status=form.status if form.errors else 200)


def _owns(room: Room, user: User) -> bool:
    return room.memberships.filter(user=user, role=Membership.OWNER).exists()


class ArchiveForm(Form):
    reason = Line(
        modes.clean_notice,
        label="Reason",
        limit=NOTICE_LENGTH,
        help_text="Everybody in the room reads it. Optional.",
    )


@form_methods
def archive(request: HttpRequest, slug: str) -> HttpResponse:
    """Archive the room, or use an archived one again."""
    if not request.user.is_authenticated:
        return redirect_visitor(request, slug)
    room = named_room(request.user, slug)
    room_settings.require_manager(request.user, room)
    form = ArchiveForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            if request.POST.get("do") == "unarchive":
                modes.unarchive(room, by=request.user)
                messages.success(request, "The room is in use again")
            else:
                modes.archive(room, by=request.user, reason=form.cleaned_data["reason"])
                messages.success(request, "The room is archived")
            return redirect("about", room.slug)
        except Refusal as refusal:
            form.refused(refusal, name="reason")
    status = form.status if form.errors else 200
    return render(request, "archive_room.html", {"room": room, "form": form}, status=status)
