"""About a room: what it is for, who belongs to it; and for its owner, to change both."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from chat import names, permissions
from chat.actions import rooms
from chat.models import Membership, Room, User
from chat.refusals import Refusal

from .errors import page as error_page
from .forms import Form, RoomForm
from .room import entrance, visible_room

LISTED = 200  # members shown; of a public room everybody who ever came in is one

ROLES = {Membership.MEMBER: "Member", Membership.MODERATOR: "Moderator", Membership.OWNER: "Owner"}


class MemberForm(Form):
    name = forms.CharField(
        label="Name",
        max_length=names.NAME_LENGTH,
        help_text="Of somebody with an account, as it is shown.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    role = forms.ChoiceField(label="As", choices=ROLES, initial=Membership.MEMBER)

    def clean_name(self) -> User:
        """An account by its shown name, or by its login name."""
        name = self.cleaned_data["name"].strip()
        accounts = User.objects.accounts().filter(is_active=True)
        found = accounts.filter(Q(name_key=names.skeleton(name)) | Q(username__iexact=name)).first()
        if found is None:
            raise forms.ValidationError("There is nobody with this name who has an account.")
        return found


@require_http_methods(["GET", "HEAD", "POST"])
def about(request: HttpRequest, slug: str) -> HttpResponse:
    if not request.user.is_authenticated:
        return entrance(request, slug)
    room = visible_room(request.user, slug)
    details = {"name": room.name, "topic": room.topic, "kind": room.kind}
    form = RoomForm(request.POST or None, initial=details)
    if form.is_valid():
        try:
            rooms.update(room, by=request.user, **form.cleaned_data)
            messages.success(request, "Saved. Everybody sees it already.")
            if room.kind != details["kind"] and room.is_private:
                messages.info(request, "Everybody who ever came in still belongs here, as listed below.")
            return redirect("about", slug)
        except Refusal as refusal:
            form.refused(refusal, name="name")
    return _show(request, room, room_form=form)


@require_POST
def add(request: HttpRequest, slug: str) -> HttpResponse:
    room = _room_of(request, slug)
    form = MemberForm(request.POST)
    if form.is_valid():
        person = form.cleaned_data["name"]
        try:
            rooms.add_member(room, person, form.cleaned_data["role"], by=request.user)
            messages.success(request, f"{person} belongs to this room.")
            return redirect("about", slug)
        except Refusal as refusal:
            form.refused(refusal, name="name")
    return _show(request, room, member_form=form)


@require_POST
def remove(request: HttpRequest, slug: str, user_id: int) -> HttpResponse:
    room = _room_of(request, slug)
    person = get_object_or_404(User, pk=user_id, memberships__room=room)
    try:
        rooms.remove_member(room, person, by=request.user)
    except Refusal as refusal:
        return error_page(request, refusal)
    messages.success(request, f"{person} no longer belongs to {room}.")
    return redirect("about", slug) if person.pk != request.user.pk else redirect("lobby")


def _room_of(request: HttpRequest, slug: str) -> Room:
    if not request.user.is_authenticated:
        raise Http404
    return visible_room(request.user, slug)


def _show(request: HttpRequest, room: Room, **bound: Form) -> HttpResponse:
    members = room.memberships.select_related("user").order_by("user__name")
    mine = members.filter(user=request.user).first()
    context: dict[str, Any] = {
        "room": room,
        "manages": permissions.may_manage(request.user, mine),
        "mine": mine,
        "members": members[:LISTED],
        "room_form": RoomForm(initial={"name": room.name, "topic": room.topic, "kind": room.kind}),
        "member_form": MemberForm(),
        **bound,
    }
    wrong = any(form.is_bound for form in bound.values())
    return render(request, "about.html", context, status=422 if wrong else 200)
