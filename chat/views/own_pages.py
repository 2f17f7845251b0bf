"""Decorators of the pages about one's own account: they need a login, and some need an account."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from chat.refusals import Refusal

from .deep_links import url_with_next

View = Callable[..., HttpResponse]


def for_people(view: View) -> View:
    """Guests and accounts. Others log in first."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        if request.method == "POST":
            return redirect(settings.LOGIN_URL)
        return redirect(url_with_next(request, settings.LOGIN_URL))

    return wrapped


def for_accounts(view: View) -> View:
    """Accounts only. Raises Refusal: accounts_only_here, for guests."""

    @for_people
    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_guest:
            raise Refusal("accounts_only_here")
        return view(request, *args, **kwargs)

    return wrapped
