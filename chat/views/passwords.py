"""Views: change a password, and reset a forgotten one with a one-use link."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import forms as auth_forms
from django.contrib.auth import views as auth
from django.http import HttpResponse
from django.urls import reverse_lazy

from chat.client_ip import client_ip
from chat.limits import limits
from chat.models import User
from chat.refusals import Refusal

from . import mails
from .account_forms import ChangePasswordForm, NewPasswordForm
from .forms import Form

BACKEND = "django.contrib.auth.backends.ModelBackend"


class _SuccessMessage:
    """Redirect to the lobby with a success message. An invalid form is a 422."""

    success_url = reverse_lazy("lobby")

    def form_valid(self, form: Form) -> HttpResponse:
        response = super().form_valid(form)  # type: ignore[misc]
        messages.success(self.request, self.success_message)
        return response

    def form_invalid(self, form: Form) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)


class ChangePassword(_SuccessMessage, auth.PasswordChangeView):
    form_class = ChangePasswordForm
    template_name = "registration/password_change.html"
    extra_context = {"section": "password"}
    success_message = "Your password was changed. You are logged out on all other devices."


class ForgotPasswordForm(auth_forms.PasswordResetForm):
    def get_users(self, email: str) -> Iterable[User]:
        """The oldest account first: nobody can use up its emails with new accounts of the same address."""
        return sorted(super().get_users(email), key=lambda user: user.pk)

    def send_mail(
        self,
        subject_template_name: str,
        email_template_name: str,
        context: dict[str, Any],
        *arguments: Any,
        **options: Any,
    ) -> None:
        """Drop the email if its address got too many. An error would reveal that the account exists."""
        try:
            limits().spend_mail_to(context["user"].email)
        except Refusal:
            return
        send = partial(super().send_mail, **options)
        mails.send_soon(send, subject_template_name, email_template_name, context, *arguments)


class ForgotPassword(_SuccessMessage, auth.PasswordResetView):
    form_class = ForgotPasswordForm
    template_name = "registration/password_reset.html"
    email_template_name = "registration/password_reset_mail.txt"
    subject_template_name = "registration/password_reset_subject.txt"
    extra_context = {"mail": bool(settings.EMAIL_HOST)}
    success_message = "If there is an account with this email address, a link was sent to it."

    def form_valid(self, form: Form) -> HttpResponse:
        limits().spend_mail(client_ip(self.request))
        mails.check_queue()
        return super().form_valid(form)


class NewPassword(_SuccessMessage, auth.PasswordResetConfirmView):
    """Set a new password with a one-use link, from an email or from an administrator."""

    form_class = NewPasswordForm
    template_name = "registration/password_reset_confirm.html"
    post_reset_login = True
    post_reset_login_backend = BACKEND
    success_message = "Your new password is set, and you are logged in."
