"""Views: the word and link rules of a room, with a field to try a message."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from chat import permissions
from chat.actions import rules as actions
from chat.models import Room, Rule, User
from chat.models.rule import EXPLANATION_LENGTH, PATTERN_LENGTH
from chat.refusals import Refusal
from chat.text import TEXT_LENGTH

from .errors import page as error_page
from .forms import Form
from .room import named_room, redirect_visitor


class RuleForm(Form):
    kind = forms.ChoiceField(
        label="What it finds",
        choices={Rule.WORD: "A word or phrase", Rule.LINK: "A link"},
        initial=Rule.WORD,
        widget=forms.RadioSelect,
    )
    pattern = forms.CharField(
        label="Word, phrase or host",
        max_length=PATTERN_LENGTH,
        help_text="bad finds the whole word; bad* also badly. example.com includes its subdomains.",
        error_messages={"required": "Enter a word, a phrase or a host."},
    )
    effect = forms.ChoiceField(
        label="What happens to the message",
        choices={
            Rule.HOLD: "It waits for approval",
            Rule.REFUSE: "It is refused",
            Rule.MASK: "The word is replaced by •••",
        },
        initial=Rule.HOLD,
        widget=forms.RadioSelect,
    )
    explanation = forms.CharField(
        label="Explanation",
        max_length=EXPLANATION_LENGTH,
        required=False,
        help_text="The author is told this. Optional.",
    )


class TrialForm(Form):
    text = forms.CharField(
        label="Try a message",
        max_length=TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="It is not posted.",
        error_messages={"required": "Write something first."},
    )


@require_http_methods(["GET", "HEAD", "POST"])
def rules(request: HttpRequest, slug: str) -> HttpResponse:
    """The rules, and forms to add one and to try a message."""
    if not request.user.is_authenticated:
        return redirect_visitor(request, slug)
    room = named_room(request.user, slug)
    if room.slug != slug:
        return redirect("rules", room.slug)
    if not _may_set(request.user, room):
        return error_page(request, Refusal("not_your_room"))
    is_trial = "text" in request.POST
    form = RuleForm(None if is_trial else request.POST or None)
    trial = TrialForm(request.POST if is_trial else None)
    if form.is_valid():
        try:
            rule = actions.add(room, by=request.user, **form.cleaned_data)
            messages.success(request, f"Added “{rule.pattern}”")
            return redirect("rules", room.slug)
        except Refusal as refusal:
            form.add_error("pattern" if refusal.code.startswith("rule_") else None, refusal.message)
    return _show(request, room, form, trial)


@require_POST
def remove(request: HttpRequest, slug: str, id: int) -> HttpResponse:
    if not request.user.is_authenticated:
        return redirect_visitor(request, slug)
    room = named_room(request.user, slug)
    rule = get_object_or_404(room.rules, pk=id)
    try:
        actions.remove(rule, by=request.user)
    except Refusal as refusal:
        return error_page(request, refusal)
    messages.success(request, f"Removed “{rule.pattern}”")
    return redirect("rules", room.slug)


def _may_set(user: User, room: Room) -> bool:
    return permissions.may_manage(user, room.memberships.filter(user=user).first())


def _show(request: HttpRequest, room: Room, form: RuleForm, trial: TrialForm) -> HttpResponse:
    context: dict[str, Any] = {
        "room": room,
        "rules": room.rules.order_by("pattern"),
        "site_rules": Rule.objects.filter(room=None).order_by("pattern"),
        "form": form,
        "trial": trial,
    }
    if trial.is_valid():
        try:
            context["result"] = actions.try_text(room, trial.cleaned_data["text"])
        except Refusal as refusal:
            trial.add_error("text", refusal.message)
    return render(request, "rules.html", context, status=422 if form.errors or trial.errors else 200)
