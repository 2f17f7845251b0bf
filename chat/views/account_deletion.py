"""Views: download one's data, and delete one's account."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from chat.actions import leaving
from chat.models import Membership, Room, User
from chat.refusals import Refusal

from . import former_guests
from .forms import Form, Line
from .own_pages import for_people

MAX_LISTED = 20  # rooms that get another owner


class PasswordForm(Form):
    password = forms.CharField(
        label="Your password",
        strip=False,
        error_messages={"required": "Enter your password."},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def confirm(self, user: User) -> None:
        """Raises Refusal: wrong_password, too_many_attempts, busy."""
        if not user.check_password(self.cleaned_data["password"]):
            raise Refusal("wrong_password")


class NameForm(Form):
    """For guests and others without a password."""

    name = Line(
        lambda name: name.strip(), label="Your display name, to confirm", limit=100, autocomplete="off"
    )

    def confirm(self, user: User) -> None:
        """Raises Refusal: not_confirmed."""
        if self.cleaned_data["name"] != user.name:
            raise Refusal("not_confirmed", word=user.name)


@require_safe
@for_people
def data(request: HttpRequest) -> HttpResponse:
    return render(request, "own_data.html", {"section": "data"})


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@for_people
def delete_account(request: HttpRequest) -> HttpResponse:
    user: User = request.user
    kind: type[Any] = PasswordForm if user.has_usable_password() else NameForm
    form = kind(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            form.confirm(user)
            leaving.delete_account(user)
        except Refusal as refusal:
            is_about_field = refusal.code in ("wrong_password", "not_confirmed")
            form.add_error(next(iter(form.fields)) if is_about_field else None, refusal.message)
        else:
            return _goodbye(request, user)
    context = {
        "section": "data",
        "form": form,
        "keeps_messages": settings.OBROLAN_DELETED_ACCOUNTS == "keep",
        "owned": Room.objects.existing().filter(memberships__user=user, memberships__role=Membership.OWNER)[
            :MAX_LISTED
        ],
    }
    return render(request, "delete_account.html", context, status=422 if form.errors else 200)


def _goodbye(request: HttpRequest, user: User) -> HttpResponse:
    """The browser keeps the person's id if they have sanctions: a new account must not end a ban."""
    logout(request)
    messages.success(request, "Your account was deleted")
    return former_guests.remember_id(request, redirect("lobby"), user.pk if user.is_sanctioned else None)
