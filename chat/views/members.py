"""Views: the page about a room, with its settings and members, and the page for leaving it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from chat import permissions
from chat.actions import audit, members, modes, rooms
from chat.models import Room, User
from chat.refusals import Refusal

from .errors import page as error_page
from .forms import Form
from .room import named_room, redirect_visitor, visible_room
from .room_forms import MODES, MemberForm, RoomSettingsForm

MAX_LISTED = 200  # members; everybody who ever entered a public room is a member
ROLES = {"member": "a member", "moderator": "a moderator", "owner": "an owner"}


@require_http_methods(["GET", "HEAD", "POST"])
def about(request: HttpRequest, slug: str) -> HttpResponse:
    if not request.user.is_authenticated:
        return redirect_visitor(request, slug)
    room = visible_room(request.user, slug)
    if request.method == "POST":
        if room.is_direct:
            raise Refusal("direct_only")
        form = RoomSettingsForm(request.POST, initial=_settings(room))
        if form.is_valid() and (changed := _save(request, room, form)):
            return redirect("about", changed.slug)
        return _show(request, room, room_form=form)
    if room.slug != slug:
        return redirect("about", room.slug)
    return _show(request, room)


def _save(request: HttpRequest, room: Room, form: RoomSettingsForm) -> Room | None:
    try:
        changes = form.changes()
        chosen = {field: changes.pop(field) for field in MODES if field in changes}
        with audit.together():  # both or none
            if chosen:  # first: it locks the person, and then the room
                modes.set_modes(room, by=request.user, **chosen)
            changed = rooms.update(room, by=request.user, **changes)
    except Refusal as refusal:
        form.refused_to(request.user, refusal)
        return None
    messages.success(request, "Saved")
    if changed.slug != room.slug:
        messages.info(
            request,
            "This room is private now and has a new address. Everyone who ever joined is still a member.",
        )
    return changed


@require_POST
def add(request: HttpRequest, slug: str) -> HttpResponse:
    room = _room_of(request, slug)
    form = MemberForm(request.POST)
    if form.is_valid():
        person = form.cleaned_data["name"]
        try:
            membership = members.add(room, person, form.cleaned_data["role"], by=request.user)
            messages.success(request, f"{person} is now {ROLES[membership.role]} of this room")
            return redirect("about", room.slug)
        except Refusal as refusal:
            form.refused(refusal, name="name")
    return _show(request, room, member_form=form)


@require_POST
def remove(request: HttpRequest, slug: str, user_id: int) -> HttpResponse:
    room = _room_of(request, slug)
    if user_id == request.user.pk:
        return redirect("leave", room.slug)  # asks for confirmation
    person = get_object_or_404(User, pk=user_id, memberships__room=room)
    try:
        members.remove(room, person, by=request.user)
    except Refusal as refusal:
        return error_page(request, refusal)
    messages.success(request, f"{person} is no longer a member of {room}")
    return redirect("about", room.slug)


@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest, slug: str) -> HttpResponse:
    """Leave a room. GET shows the confirmation page."""
    if not request.user.is_authenticated:
        return redirect_visitor(request, slug)
    room = named_room(request.user, slug)
    context: dict[str, Any] = {"room": room}
    if request.method == "POST":
        try:
            members.remove(room, request.user, by=request.user)
            messages.success(request, f"You left {room}")
            return redirect("lobby")
        except Refusal as refusal:
            context |= {"refusal": refusal.message, "status": refusal.status}
    return render(request, "leave_room.html", context, status=context.get("status", 200))


def _room_of(request: HttpRequest, slug: str) -> Room:
    if not request.user.is_authenticated:
        raise Http404
    return named_room(request.user, slug)


def _settings(room: Room) -> dict[str, str | bool]:
    return {field: getattr(room, field) for field in RoomSettingsForm.base_fields}


def _show(request: HttpRequest, room: Room, **bound: Form) -> HttpResponse:
    memberships = room.memberships.select_related("user").order_by("user__name")
    mine = memberships.filter(user=request.user).first()
    context: dict[str, Any] = {
        "room": room,
        "manages": permissions.may_manage(request.user, mine) and not room.is_direct,
        "mine": mine if not room.is_direct else None,
        "members": memberships[:MAX_LISTED],
        "room_form": RoomSettingsForm(initial=_settings(room)),
        "member_form": MemberForm(),
        **bound,
    }
    status = max((form.status for form in bound.values()), default=200)
    return render(request, "about.html", context, status=status)
