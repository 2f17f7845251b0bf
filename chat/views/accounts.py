"""Views: enter as a guest, log in and out, sign up, and create an account with a one-use link."""

from collections.abc import Callable
from functools import partial

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout
from django.contrib.auth import views as auth
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from chat.actions import invitations, members, people, push_subscriptions, rooms
from chat.client_ip import client_ip
from chat.limits import limits
from chat.models import User
from chat.refusals import Refusal

from . import errors, former_guests, passwords
from .account_forms import AdministratorForm, EntryForm, LogInForm, SignUpForm
from .deep_links import next_url, next_url_in
from .front_page import open_rooms

form_methods = require_http_methods(["GET", "HEAD", "POST"])


def enter(request: HttpRequest) -> HttpResponse:
    """The entry form. A guest enters a display name and a room, a logged-in user only a room."""
    logged_in = request.user.is_authenticated
    if not (settings.OBROLAN_GUESTS or logged_in):
        context = {"next": next_url(request), "signup": may_sign_up()}
        return render(request, "enter.html", context, status=403 if request.method == "POST" else 200)
    data = request.POST if request.method == "POST" else None
    form = EntryForm(data, initial={"room": request.GET.get("room")})
    if logged_in:
        del form.fields["username"]
    if form.is_valid():
        try:
            former_guests.refuse(request)
            if not logged_in:
                enter_as_guest(request, form.cleaned_data["username"])
            room = rooms.find_or_create(form.cleaned_data["room"], by=request.user)
            former_guests.refuse(request, room)
            members.enter(room, request.user)
            return former_guests.remember(request, redirect(next_url_in(request, room)))
        except Refusal as refusal:
            form.refused(refusal, name="username")
    context = {"form": form, "next": next_url(request), "signup": may_sign_up(), "rooms": open_rooms()}
    response = render(request, "enter.html", context, status=form.status if form.errors else 200)
    return former_guests.remember(request, response)


def may_sign_up() -> bool:
    return settings.OBROLAN_SIGNUP == "open"


def enter_as_guest(request: HttpRequest, name: str) -> None:
    """Create a guest and log them in. Raises Refusal: too_many_newcomers, and those of the action."""
    limits().spend_newcomer(client_ip(request))
    _log_in(request, people.enter_as_guest(name))


def _log_in(request: HttpRequest, user: User) -> None:
    before = request.user
    login(request, user, backend=passwords.BACKEND)
    if before.is_authenticated and before.pk != user.pk:
        people.sessions_ended(before)


class LogIn(auth.LoginView):
    form_class = LogInForm
    extra_context = {"signup": may_sign_up(), "guests": settings.OBROLAN_GUESTS}

    def form_valid(self, form: auth.AuthenticationForm) -> HttpResponse:
        _log_in(self.request, form.get_user())
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
            _log_in(request, create(**form.cleaned_data, guest=user if is_guest else None))
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
