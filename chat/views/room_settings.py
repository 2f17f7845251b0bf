"""View: the settings of a room, for those who manage it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from chat import permissions
from chat.actions import audit, descriptions, modes, rooms
from chat.models import Membership, Room, User
from chat.refusals import Refusal

from .barred import named_room
from .forms import Form
from .room import redirect_visitor
from .room_forms import MODES, MemberForm, RoomSettingsForm


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    if not request.user.is_authenticated:
        return redirect_visitor(request, slug)
    room = named_room(request.user, slug)
    if request.method == "POST":
        form = RoomSettingsForm(request.POST, initial=_settings(room))
        if form.is_valid() and (changed := _save(request, room, form)):
            return redirect("about", changed.slug)
        return show(request, room, room_form=form)
    if room.slug != slug:
        return redirect("edit_room", room.slug)
    return show(request, room)


def show(request: HttpRequest, room: Room, **bound: Form) -> HttpResponse:
    """The page with the settings. Raises Refusal: not_your_room."""
    mine = require_manager(request.user, room)
    context: dict[str, Any] = {
        "room": room,
        "owns": mine is not None and mine.role == Membership.OWNER,
        "room_form": RoomSettingsForm(initial=_settings(room)),
        "member_form": MemberForm(),
        **bound,
    }
    status = max((form.status for form in bound.values()), default=200)
    return render(request, "edit_room.html", context, status=status)


def require_manager(user: User, room: Room) -> Membership | None:
    """The membership of the user, who may manage the room. Raises Refusal: not_your_room."""
    mine = room.memberships.filter(user=user).first()
    if not permissions.may_manage(user, mine):
        raise Refusal("not_your_room")
    return mine


def _save(request: HttpRequest, room: Room, form: RoomSettingsForm) -> Room | None:
    try:
        changes = form.changes()
        chosen = {field: changes.pop(field) for field in MODES if field in changes}
        description = changes.pop("description", None)
        with audit.together():  # all or none
            if chosen:  # first: it locks the person, and then the room
                modes.set_modes(room, by=request.user, **chosen)
            changed = rooms.update(room, by=request.user, **changes)
            if description is not None:
                descriptions.describe(changed, by=request.user, description=description)
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


def _settings(room: Room) -> dict[str, str | bool]:
    description = descriptions.of(room)
    fields = RoomSettingsForm.base_fields.keys() - {"description"}
    return {field: getattr(room, field) for field in fields} | {
        "description": description.text if description else ""
    }
