"""View: a case of a room, for its moderators: what was reported, what is around it, and the decision."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from chat import ranks
from chat.actions import cases
from chat.models import Case, Message, Room, Sanction
from chat.ranks import Rank
from chat.refusals import Refusal

from .dialogs import done
from .moderating import Subject, in_force, rank_in
from .moderation import of_moderators
from .moderation_forms import ModerateForm, Words
from .rows import message_rows

AROUND = 10  # messages before and after the one that was reported
RECORD = 20  # earlier sanctions of the person
VERSIONS = 20
REPORTS = 100


class DecideForm(ModerateForm):
    """The form for a person, and an answer to the reporters. Closing without a sanction is a decision too."""

    answer = Words(label="Answer to the reporters", help_text="Optional. They are also told the outcome.")

    def __init__(self, *args: Any, on_message: bool, **kwargs: Any) -> None:
        super().__init__(*args, on_message=on_message, **kwargs)
        act = self.fields["act"]
        assert isinstance(act, forms.ChoiceField)
        choices = [choice for choice in act.choices if choice[0] != "case"]
        act.choices = [("none", "Close without action"), *choices]


@require_http_methods(["GET", "HEAD", "POST"])
@of_moderators
def case(request: HttpRequest, room: Room, id: int) -> HttpResponse:
    others = Case.objects.exclude(person=request.user)  # nobody learns here who reported them
    related = others.select_related("person", "assignee", "closed_by", "message__author")
    found = get_object_or_404(related, pk=id, room=room)
    rank, on = rank_in(room, request.user), rank_in(room, found.person)
    form = _form(request, found, rank)
    if request.method == "POST" and request.POST.get("do") == "take":
        cases.take(found, by=request.user)
        return redirect("room_case", room.slug, found.pk)
    if request.method == "POST" and form.is_valid():
        try:
            closed = _decide(request, found, form)
            text = f"The case is closed: {closed.outcome}"
            return done(request, text, reverse("moderation", args=[room.slug]))
        except Refusal as refusal:
            form.refused(refusal, name="act")
            found.refresh_from_db()
    context = {
        "room": room,
        "case": found,
        "form": form,
        "is_below": on < rank,
        "reports": found.reports.select_related("reporter").order_by("pk")[:REPORTS],
        "versions": found.message.versions.order_by("-pk")[:VERSIONS] if found.message else [],
        "rows": list(message_rows(_around(found), room.slug, request.user)),
        "sanctions": in_force(Subject(room, found.person, found.message, rank, on)),
        "record": _record(found),
        "others": found.person.cases.filter(room=room).exclude(pk=found.pk).order_by("-pk")[:RECORD],
        "may_lift_site": ranks.may("sanction_site", rank),
    }
    return render(request, "room_case.html", context, status=form.status if form.errors else 200)


def _form(request: HttpRequest, found: Case, rank: Rank) -> DecideForm:
    data = request.POST if request.method == "POST" and "act" in request.POST else None
    on_message = found.message is not None and found.message.deleted_at is None
    return DecideForm(data, rank=rank, on_message=on_message, is_guest=found.person.is_guest)


def _decide(request: HttpRequest, found: Case, form: DecideForm) -> Case:
    values, sanction = form.cleaned_data, form.sanction
    hides = values["act"] == "hide" or values.get("hides_this", False)
    if sanction is not None and form.is_site_wide:
        sanction["room"] = None
    return cases.decide(found, by=request.user, hides=hides, sanction=sanction, answer=values["answer"])


def _around(found: Case) -> Sequence[Message]:
    """The messages before and after the reported one, and that one."""
    if found.message is None:
        return []
    messages = Message.objects.with_state().filter(room=found.room_id)
    seq = found.message.seq
    before = messages.filter(seq__lte=seq).order_by("-seq")[: AROUND + 1]
    after = messages.filter(seq__gt=seq).order_by("seq")[:AROUND]
    return [*reversed(before), *after]


def _record(found: Case) -> Sequence[Sanction]:
    """Earlier sanctions and cases of the person in this room."""
    in_this_room = found.person.sanctions.filter(room=found.room_id).select_related("by")
    in_force = Sanction.objects.in_force().filter(person=found.person)
    return in_this_room.exclude(pk__in=in_force).order_by("-pk")[:RECORD]
