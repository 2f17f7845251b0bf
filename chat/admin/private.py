"""Private rooms: a moderator who is not a member sees messages only after giving a reason, which is logged.

The session remembers for an hour which rooms are open. Administrators give a reason too.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django import forms
from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

from chat.actions import moderation
from chat.models import Membership, Room
from chat.models.sanction import REASON_LENGTH
from chat.refusals import Refusal

OPEN_FOR = timedelta(hours=1)
SESSION_KEY = "private_rooms"  # id of a room → when it closes, in seconds since 1970


class ReasonForm(forms.Form):
    reason = forms.CharField(
        max_length=REASON_LENGTH,
        label="Why do you need to see this room?",
        help_text="It is stored in the audit log with your name.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )


def opened(request: HttpRequest) -> list[int]:
    """The ids of the rooms that are open in this session."""
    now = timezone.now().timestamp()
    return [int(id) for id, until in request.session.get(SESSION_KEY, {}).items() if until > now]


def readable(request: HttpRequest, rooms: Iterable[Room]) -> set[int]:
    """Which of these rooms the moderator may read. At most one query."""
    known = {room.pk for room in rooms if not room.is_private} | set(opened(request))
    others = {room.pk for room in rooms} - known
    if others:
        own = Membership.objects.filter(user=request.user.pk, room__in=others)
        known |= set(own.values_list("room", flat=True))
    return known


def may_read(request: HttpRequest, room: Room | None) -> bool:
    return room is None or room.pk in readable(request, [room])


def only_readable(request: HttpRequest, prefix: str = "room") -> Q:
    """Rows of rooms that the moderator may read. A search by words would otherwise reveal the others."""
    member = Membership.objects.filter(user=request.user.pk, room=OuterRef(f"{prefix}_id"))
    public = Q(**{f"{prefix}__kind": Room.PUBLIC})
    return public | Q(**{f"{prefix}__in": opened(request)}) | Exists(member)


def address(room: Room, following: str) -> str:
    """The page that asks for the reason, and then shows `following`."""
    return f"{reverse('admin:chat_room_open', args=[room.pk])}?{urlencode({'next': following})}"


def open_view(request: HttpRequest, room_id: int, context: dict) -> HttpResponse:
    room = get_object_or_404(Room, pk=room_id)
    following = request.GET.get("next", "")
    if not url_has_allowed_host_and_scheme(following, allowed_hosts=None):
        following = reverse("admin:chat_room_change", args=[room.pk])
    form = ReasonForm(request.POST if request.method == "POST" else None, label_suffix="")
    if form.is_valid():
        try:
            moderation.view_private(room, by=request.user, reason=form.cleaned_data["reason"])
        except Refusal as refusal:
            form.add_error(None, refusal.message)
        else:
            until = (timezone.now() + OPEN_FOR).timestamp()
            before = request.session.get(SESSION_KEY, {})
            kept = {str(id): before[str(id)] for id in opened(request)}
            request.session[SESSION_KEY] = kept | {str(room.pk): until}
            return redirect(following)
    title = f"{room} is a private room"
    return TemplateResponse(
        request, "admin/open_room.html", {**context, "title": title, "form": form, "room": room}
    )
