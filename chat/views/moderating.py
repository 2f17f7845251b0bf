"""Views: the form with which a moderator acts on a message or on a person in a room."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from chat import ranks
from chat.actions import cases, moderation, sanctions
from chat.models import Message, Room, Sanction, User
from chat.ranks import Rank
from chat.refusals import Refusal

from .dialogs import done
from .moderation_forms import ModerateForm
from .reporting import message_of, person_of
from .room import named_room, redirect_visitor

DONE = {
    "hide": "The message is hidden",
    Sanction.WARNING: "{person} was warned",
    Sanction.MUTE: "{person} is muted",
    Sanction.REMOVAL: "{person} was removed from the room",
    Sanction.BAN: "{person} is banned",
    "case": "The case is open",
}


@dataclass(frozen=True)
class Subject:
    """The person, and the message if the form is about one, with the ranks of both sides in the room."""

    room: Room
    person: User
    message: Message | None
    by: Rank
    on: Rank

    @property
    def back(self) -> str:
        if self.message is None:
            return reverse("room", args=[self.room.slug])
        return reverse("permalink", args=[self.room.slug, self.message.seq])


@require_http_methods(["GET", "HEAD", "POST"])
def message(request: HttpRequest, slug: str, seq: int) -> HttpResponse:
    if not request.user.is_authenticated:
        return redirect_visitor(request, slug)
    room = named_room(request.user, slug)
    found = message_of(room, seq)
    return _moderate(request, _subject(request.user, room, found.author, found))


@require_http_methods(["GET", "HEAD", "POST"])
def person(request: HttpRequest, slug: str, user_id: int) -> HttpResponse:
    if not request.user.is_authenticated:
        return redirect_visitor(request, slug)
    room = named_room(request.user, slug)
    return _moderate(request, _subject(request.user, room, person_of(room, user_id), None))


def rank_in(room: Room, user: User) -> Rank:
    return ranks.rank(user, room.memberships.filter(user=user).first())


def _subject(user: User, room: Room, person: User, message: Message | None) -> Subject:
    """Raises Refusal: not_allowed, if the user is no moderator. Http404 for the user's own messages."""
    by = rank_in(room, user)
    ranks.require("hide", by)
    if person.pk == user.pk:
        raise Http404
    return Subject(room, person, message, by, rank_in(room, person))


def _moderate(request: HttpRequest, subject: Subject) -> HttpResponse:
    form = ModerateForm(
        request.POST or None,
        rank=subject.by,
        on_message=subject.message is not None and subject.message.deleted_at is None,
        is_guest=subject.person.is_guest,
    )
    if request.method == "POST" and form.is_valid():
        try:
            _act(request.user, subject, form)
            text = DONE[form.cleaned_data["act"]].format(person=subject.person)
            return done(request, text, subject.back, **_undo(subject, form))
        except Refusal as refusal:
            form.refused(refusal, name="act")
    context: dict[str, Any] = {
        "room": subject.room,
        "person": subject.person,
        "message": subject.message,
        "form": form,
        "is_below": subject.on < subject.by,
        "sanctions": in_force(subject),
        "may_lift_site": ranks.may("sanction_site", subject.by),
        "back": subject.back,
    }
    return render(request, "moderate.html", context, status=form.status if form.errors else 200)


def _act(by: User, subject: Subject, form: ModerateForm) -> None:
    values = form.cleaned_data
    sanction = form.sanction
    if values["act"] == "case":
        with transaction.atomic():
            cases.open_case(subject.person, message=subject.message, room=subject.room, by=by)
    elif sanction is not None:
        room = None if form.is_site_wide else subject.room
        sanctions.impose(sanction.pop("kind"), subject.person, by=by, room=room, **sanction)
    if subject.message is not None and (values["act"] == "hide" or values.get("hides_this")):
        hidden = moderation.hide([subject.message], by=by, reason=form.reason)
        if not hidden and values["act"] == "hide":
            raise Refusal("deleted" if subject.message.deleted_at else "not_above_you")


def _undo(subject: Subject, form: ModerateForm) -> dict[str, int]:
    """For the script: the number of the message that the form hid, and can show again."""
    is_hiding = subject.message is not None and form.cleaned_data["act"] == "hide"
    return {"hidden": subject.message.seq} if is_hiding and subject.message else {}


def in_force(subject: Subject) -> list[Sanction]:
    """The person's sanctions in this room and on the whole site."""
    found = subject.person.sanctions.in_force().select_related("by", "room").order_by("created_at")
    return [sanction for sanction in found if sanction.room_id in (None, subject.room.pk)]
