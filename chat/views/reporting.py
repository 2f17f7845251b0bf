"""Views: the forms for reporting a message or a person to the moderators."""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from chat.actions import reports
from chat.frames import MAX_NUMBER
from chat.models import Message, Report, Room, User
from chat.models.case import WORDS_LENGTH
from chat.refusals import Refusal

from .dialogs import done
from .forms import Form
from .room import redirect_visitor, visible_room

AUTHORED = 1_000  # messages
SENT = "Thank you. The moderators will look at it."


class ReportForm(Form):
    reason = forms.ChoiceField(
        label="What is wrong?",
        choices=Report._meta.get_field("reason").choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what is wrong."},
    )
    words = forms.CharField(
        label="In your words",
        help_text="Optional. Only moderators read it.",
        max_length=WORDS_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": WORDS_LENGTH}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def message(request: HttpRequest, slug: str, seq: int) -> HttpResponse:
    if not request.user.is_authenticated:
        return redirect_visitor(request, slug)
    room = visible_room(request.user, slug)
    found = message_of(room, seq)
    return _report(request, room, found.author, message=found)


@require_http_methods(["GET", "HEAD", "POST"])
def person(request: HttpRequest, slug: str, user_id: int) -> HttpResponse:
    if not request.user.is_authenticated:
        return redirect_visitor(request, slug)
    room = visible_room(request.user, slug)
    return _report(request, room, person_of(room, user_id))


def message_of(room: Room, seq: int) -> Message:
    """Raises Http404 if the room has no such message."""
    if seq > MAX_NUMBER:
        raise Http404
    return get_object_or_404(Message.objects.select_related("author"), room=room, seq=seq)


def person_of(room: Room, user_id: int) -> User:
    """A person who is a member of the room, is sanctioned in it, or wrote in it: of somebody who left, the
    latest AUTHORED messages are looked at. Raises Http404 for others.
    """
    if user_id > MAX_NUMBER:
        raise Http404
    found = get_object_or_404(User, pk=user_id)
    if room.memberships.filter(user=found).exists() or found.sanctions.filter(room=room).exists():
        return found
    latest = Message.objects.filter(author=found).order_by("-pk").values("pk")[:AUTHORED]
    if not Message.objects.filter(pk__in=latest, room=room).exists():
        raise Http404
    return found


def _report(request: HttpRequest, room: Room, reported: User, message: Message | None = None) -> HttpResponse:
    if reported.pk == request.user.pk:
        raise Http404
    form = ReportForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            _send(request, room, reported, message, form.cleaned_data)
            return done(request, SENT, _back(room, message))
        except Refusal as refusal:
            form.refused(refusal, name="reason")
    context: dict[str, Any] = {
        "room": room,
        "person": reported,
        "message": message,
        "form": form,
        "back": _back(room, message),
    }
    return render(request, "report.html", context, status=form.status if form.errors else 200)


def _send(
    request: HttpRequest, room: Room, reported: User, message: Message | None, values: dict[str, str]
) -> None:
    if message is not None:
        reports.report_message(message, by=request.user, **values)
    else:
        reports.report_person(reported, room=room, by=request.user, **values)


def _back(room: Room, message: Message | None) -> str:
    if message is None:
        return reverse("room", args=[room.slug])
    return reverse("permalink", args=[room.slug, message.seq])
