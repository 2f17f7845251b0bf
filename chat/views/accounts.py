"""Entering as a guest, logging in and out, signing up, and one-use links that create an account."""

from collections.abc import Callable
from functools import partial

from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.auth import views as auth
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from chat.actions import invitations, people, rooms
from chat.client_ip import client_ip
from chat.limits import limits
from chat.models import User
from chat.refusals import Refusal

from . import errors, passwords
from .deep_links import wanted, wanted_in
from .forms import AdministratorForm, EntryForm, LogInForm, SignUpForm

read_or_send = require_http_methods(["GET", "HEAD", "POST"])


def enter(request: HttpRequest) -> HttpResponse:
    """The entry form: a guest gives a display name and a room, a logged-in user only a room."""
    known = request.user.is_authenticated
    if not (settings.OBROLAN_GUESTS or known):
        context = {"next": wanted(request)}
        return render(request, "enter.html", context, status=403 if request.method == "POST" else 200)
    sent = request.POST if request.method == "POST" else None
    form = EntryForm(sent, initial={"room": request.GET.get("room")})
    if known:
        del form.fields["username"]
    if form.is_valid():
        try:
            if not known:
                _let_in(request, form.cleaned_data["username"])
            room = rooms.find_or_create(form.cleaned_data["room"], by=request.user)
            rooms.enter(room, request.user)
            return redirect(wanted_in(request, room))
        except Refusal as refusal:
            form.refused(refusal, name="username")
    context = {"form": form, "next": wanted(request)}
    return render(request, "enter.html", context, status=form.status if form.errors else 200)


def _let_in(request: HttpRequest, name: str) -> None:
    limits().spend_newcomer(client_ip(request))
    _sign_in(request, people.enter_as_guest(name))


def _sign_in(request: HttpRequest, user: User) -> None:
    before = request.user
    login(request, user, backend=passwords.BACKEND)
    if before.is_authenticated and before.pk != user.pk:
        people.sessions_ended(before)


class LogIn(auth.LoginView):
    form_class = LogInForm
    extra_context = {"signup": settings.OBROLAN_SIGNUP == "open", "guests": settings.OBROLAN_GUESTS}

    def form_valid(self, form: auth.AuthenticationForm) -> HttpResponse:
        _sign_in(self.request, form.get_user())
        return redirect(self.get_success_url())

    def form_invalid(self, form: auth.AuthenticationForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)


@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    leaving = request.user
    logout(request)
    if leaving.is_authenticated:
        people.sessions_ended(leaving)
    return redirect("lobby")


@never_cache
@sensitive_post_parameters()
@read_or_send
def sign_up(request: HttpRequest) -> HttpResponse:
    if settings.OBROLAN_SIGNUP != "open":
        return errors.page(request, Refusal("signup_closed"))
    return _new_account(request, "registration/sign_up.html", people.sign_up)


@never_cache
@sensitive_post_parameters()
@read_or_send
def accept(request: HttpRequest, token: str, administrator: bool = False) -> HttpResponse:
    """A one-use link: an invitation, or the first administrator's."""
    try:
        invitations.find_open(token, administrator=administrator)
    except Refusal as refusal:
        return errors.page(request, refusal)
    make = partial(invitations.accept, token, administrator=administrator)
    if administrator:
        return _new_account(request, "registration/first.html", make, AdministratorForm)
    return _new_account(request, "registration/invitation.html", make)


def _new_account(
    request: HttpRequest, template: str, make: Callable[..., User], kind: type[SignUpForm] = SignUpForm
) -> HttpResponse:
    form = kind(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            limits().spend_newcomer(client_ip(request))
            _sign_in(request, make(**form.cleaned_data))
            return redirect(wanted(request) or "lobby")
        except Refusal as refusal:
            form.refused(refusal, name="name")
    context = {"form": form, "next": wanted(request)}
    return render(request, template, context, status=form.status if form.errors else 200)


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
