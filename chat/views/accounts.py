"""Views: log in and out, sign up, and create an account with a one-use link."""

from collections.abc import Callable
from functools import partial

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth import views as auth
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from chat.actions import invitations, people, push_subscriptions
from chat.client_ip import client_ip
from chat.limits import limits
from chat.models import User
from chat.refusals import Refusal

from . import errors, former_guests, passwords
from .account_forms import AdministratorForm, LogInForm, SignUpForm
from .deep_links import next_url
from .entry import log_in, may_sign_up

form_methods = require_http_methods(["GET", "HEAD", "POST"])


class LogIn(auth.LoginView):
    form_class = LogInForm
    extra_context = {"signup": may_sign_up(), "guests": settings.OBROLAN_GUESTS}

    def form_valid(self, form: auth.AuthenticationForm) -> HttpResponse:
        log_in(self.request, form.get_user())
        return redirect(self.get_success_url())

    def form_invalid(self, form: auth.AuthenticationForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)


@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    leaving = request.user
    push_subscriptions.session_ended(request.session.session_key)
    logout(request)
    if leaving.is_authenticated:
        people.sessions_ended(leaving)
    return redirect("lobby")


@never_cache
@sensitive_post_parameters()
@form_methods
def sign_up(request: HttpRequest) -> HttpResponse:
    if not may_sign_up():
        return errors.page(request, Refusal("signup_closed"))
    return _new_account(request, "registration/sign_up.html", people.sign_up)


@never_cache
@sensitive_post_parameters()
@form_methods
def accept(request: HttpRequest, token: str, administrator: bool = False) -> HttpResponse:
    """Create an account with a one-use link: an invitation, or the link for the first administrator."""
    try:
        invitations.find_open(token, administrator=administrator)
    except Refusal as refusal:
        return errors.page(request, refusal)
    create = partial(invitations.accept, token, administrator=administrator)
    if administrator:
        return _new_account(request, "registration/first.html", create, AdministratorForm)
    return _new_account(request, "registration/invitation.html", create)


def _new_account(
    request: HttpRequest,
    template: str,
    create: Callable[..., User],
    form_class: type[SignUpForm] = SignUpForm,
) -> HttpResponse:
    """A guest becomes the account, and stays who they are. Not the first administrator, who is new."""
    user = request.user
    is_guest = user.is_authenticated and user.is_guest and form_class is SignUpForm
    data = request.POST if request.method == "POST" else None
    form = form_class(data, initial={"name": user.name} if is_guest else None)
    if is_guest:
        form.fields["name"].help_text = "The name that others see."
    if form.is_valid():
        try:
            former_guests.refuse(request)
            limits().spend_newcomer(client_ip(request))
            log_in(request, create(**form.cleaned_data, guest=user if is_guest else None))
            return _welcome(request, user if is_guest else None)
        except Refusal as refusal:
            form.refused(refusal, name="name")
    context = {"form": form, "next": next_url(request), "becomes": is_guest}
    return render(request, template, context, status=form.status if form.errors else 200)


def _welcome(request: HttpRequest, guest: User | None) -> HttpResponse:
    if guest is None:
        return redirect(next_url(request) or "lobby")
    people.sessions_ended(guest)  # their open pages connect again, with the new session
    messages.success(request, "You have an account now. Your name, rooms and messages are the same")
    return redirect(next_url(request) or "profile")


urlpatterns = [
    path("login/", LogIn.as_view(), name="login"),
    path("logout/", log_out, name="logout"),
    path("signup/", sign_up, name="signup"),
    path("first/<str:token>/", accept, {"administrator": True}, name="first"),
    path("invite/<str:token>/", accept, name="invite"),
    path("password_change/", passwords.ChangePassword.as_view(), name="password_change"),
    path("password_reset/", passwords.ForgotPassword.as_view(), name="password_reset"),
    path("reset/<uidb64>/<token>/", passwords.NewPassword.as_view(), name="password_reset_confirm"),
]
