"""Views: the pinned messages of a room."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from chat import frames, permissions
from chat.actions.changes import Pin
from chat.actions.messages import post
from chat.models import Message, Room
from chat.refusals import Refusal

from .barred import named_room
from .errors import json, wants_json
from .errors import page as error_page
from .room import redirect_visitor
from .rows import mark_own


@dataclass(frozen=True, slots=True)
class Pinned:
    message: frames.MessageState
    html: str
    is_ignored: bool


@require_http_methods(["GET", "HEAD", "POST"])
def pinned(request: HttpRequest, slug: str) -> HttpResponse:
    """The list. For a script it is `{"head": n, "pinned": [seqs]}`. POST unpins the message `seq`."""
    if not request.user.is_authenticated:
        return redirect_visitor(request, slug)
    room = named_room(request.user, slug)
    if request.method == "POST":
        return _unpin(request, room)
    if wants_json(request):
        return json({"head": room.head, "pinned": pinned_seqs(room)})
    if room.slug != slug:
        return redirect("pinned", room.slug)
    mine = room.memberships.filter(user=request.user).first()
    context: dict[str, Any] = {
        "room": room,
        "moderates": permissions.may_moderate(request.user, mine),
        "rows": [_row(message, request) for message in room.messages.pinned().with_state()],
    }
    return render(request, "pinned.html", context)


def pinned_seqs(room: Room) -> list[int]:
    """At most `PINNED` numbers."""
    return list(room.messages.pinned().values_list("seq", flat=True))


def _row(row: Message, request: HttpRequest) -> Pinned:
    message = frames.message(row)
    html = mark_own(message.html, request.user.pk)
    return Pinned(message, html, message.author.id in request.user.ignored)


def _unpin(request: HttpRequest, room: Room) -> HttpResponse:
    seq = request.POST.get("seq", "")
    if not (seq.isascii() and seq.isdigit() and len(seq) < len(str(frames.MAX_NUMBER))):
        return error_page(request, Refusal("no_message"))
    (done,) = post([Pin(room.pk, request.user.pk, int(seq), on=False)])
    if isinstance(done, Refusal):
        return error_page(request, done)
    messages.success(request, "The message is no longer pinned")
    return redirect("pinned", room.slug)
