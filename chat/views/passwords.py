"""Passwords: changed, forgotten, and set anew by a one-use link."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import forms as auth_forms
from django.contrib.auth import views as auth
from django.http import HttpResponse
from django.urls import reverse_lazy

from chat.client_ip import client_ip
from chat.limits import limits
from chat.refusals import Refusal

from .forms import ChangePasswordForm, Form, NewPasswordForm

BACKEND = "django.contrib.auth.backends.ModelBackend"


class _SaysDone:
    """Redirects to the lobby with a success message; a mistake in the form is a 422."""

    success_url = reverse_lazy("lobby")

    def form_valid(self, form: Form) -> HttpResponse:
        response = super().form_valid(form)  # type: ignore[misc]
        messages.success(self.request, self.done)
        return response

    def form_invalid(self, form: Form) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)


class ChangePassword(_SaysDone, auth.PasswordChangeView):
    form_class = ChangePasswordForm
    template_name = "registration/password_change.html"
    done = "Your password was changed. You are logged out on all other devices."


class ForgotPasswordForm(auth_forms.PasswordResetForm):
    def send_mail(
        self,
        subject_template_name: str,
        email_template_name: str,
        context: dict[str, Any],
        *args: Any,
        **kwargs: Any,
    ) -> None:
        """Too many mails to one account are dropped in silence: the answer tells nobody that it exists."""
        try:
            limits().spend_mail_to(context["user"].pk)
        except Refusal:
            return
        super().send_mail(subject_template_name, email_template_name, context, *args, **kwargs)


class ForgotPassword(_SaysDone, auth.PasswordResetView):
    form_class = ForgotPasswordForm
    template_name = "registration/password_reset.html"
    email_template_name = "registration/password_reset_mail.txt"
    subject_template_name = "registration/password_reset_subject.txt"
    extra_context = {"mail": bool(settings.EMAIL_HOST)}
    done = "If there is an account with this email address, a link was sent to it."

    def form_valid(self, form: Form) -> HttpResponse:
        limits().spend_mail(client_ip(self.request))
        return super().form_valid(form)


class NewPassword(_SaysDone, auth.PasswordResetConfirmView):
    """By a one-use link, from a mail or from an administrator."""

    form_class = NewPasswordForm
    template_name = "registration/password_reset_confirm.html"
    post_reset_login = True
    post_reset_login_backend = BACKEND
    done = "Your new password is set, and you are logged in."
