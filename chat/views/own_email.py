"""View: the email address of one's own account, for password resets and mails about missed messages."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from chat.actions import profile
from chat.refusals import Refusal

from .account_deletion import PasswordForm
from .errors import page as error_page
from .own_pages import for_people


class EmailForm(PasswordForm):
    """A person who finds an open browser must not redirect password resets: the form needs the password."""

    field_order = ["email", "password"]
    email = forms.EmailField(
        label="Email address",
        required=False,
        max_length=254,
        help_text="For password resets, and for mails about missed messages. Nobody else sees it. Optional.",
        error_messages={"invalid": "Enter an email address like name@example.org."},
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@for_people
def own_email(request: HttpRequest) -> HttpResponse:
    if not request.user.has_usable_password():
        return error_page(request, Refusal("accounts_only_here"))
    form = EmailForm(request.POST or None, initial={"email": request.user.email})
    if form.is_valid():
        try:
            form.confirm(request.user)
            profile.set_email(request.user, form.cleaned_data["email"])
            messages.success(request, "Saved")
            return redirect("profile")
        except Refusal as refusal:
            form.refused(refusal, name="password")
    status = form.status if form.errors else 200
    return render(request, "own_email.html", {"section": "profile", "form": form}, status=status)
