"""Passwords: changed, forgotten, and chosen anew by a one-use link."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import views as auth
from django.http import HttpResponse
from django.urls import reverse_lazy

from .forms import ChangePasswordForm, Form, NewPasswordForm

BACKEND = "django.contrib.auth.backends.ModelBackend"


class _SaysDone:
    """Back to the rooms, with a word that it worked; a mistake is 422."""

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
    done = "Your password is changed. Everywhere else you are logged out."


class ForgotPassword(_SaysDone, auth.PasswordResetView):
    template_name = "registration/password_reset.html"
    email_template_name = "registration/password_reset_mail.txt"
    subject_template_name = "registration/password_reset_subject.txt"
    extra_context = {"mail": bool(settings.EMAIL_HOST)}
    done = "If an account has this address, a mail with a link is on its way."


class NewPassword(_SaysDone, auth.PasswordResetConfirmView):
    """By a one-use link, from a mail or from an administrator."""

    form_class = NewPasswordForm
    template_name = "registration/password_reset_confirm.html"
    post_reset_login = True
    post_reset_login_backend = BACKEND
    done = "Your new password is set, and you are logged in."
