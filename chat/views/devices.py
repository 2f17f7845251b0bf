"""Views: where a person is logged in, and the middleware that notes it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from time import monotonic

from django.contrib import messages
from django.contrib.auth import SESSION_KEY
from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from chat.actions import devices as actions
from chat.client_ip import client_ip
from chat.models import Device
from chat.models.device import SEEN_EVERY

from .agents import in_words, place_of
from .own_pages import for_accounts

MAX_NOTED = 10_000  # sessions of which a process remembers when it noted them
MAX_LISTED = 100

GetResponse = Callable[[HttpRequest], HttpResponse]

_noted: OrderedDict[str, float] = OrderedDict()  # session key → monotonic seconds, the latest last
_lock = Lock()


def note_devices(get_response: GetResponse) -> GetResponse:
    """Middleware: notes the session of each account, once in SEEN_EVERY. Other requests cost no query.

    It runs after the view, so a login is noted at once, also if the session is never used for another page.
    """

    def respond(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        try:  # during an outage of the database the session cannot be read either
            if request.session.accessed and SESSION_KEY in request.session:
                _note(request)
        except DatabaseError:
            _forget(request.session.session_key)
        return response

    return respond


def _note(request: HttpRequest) -> None:
    if request.session.session_key is None:  # a login over the session of somebody else
        request.session.save()
    key = request.session.session_key
    if key and _is_due(key) and request.user.is_authenticated and not request.user.is_guest:
        agent, place = in_words(request.headers.get("User-Agent", "")), place_of(client_ip(request))
        actions.seen(request.user.pk, key, agent=agent, place=place)


def _is_due(key: str) -> bool:
    with _lock:
        now = monotonic()
        if now - _noted.get(key, -SEEN_EVERY.total_seconds()) < SEEN_EVERY.total_seconds():
            return False
        _noted[key] = now
        _noted.move_to_end(key)
        if len(_noted) > MAX_NOTED:
            _noted.popitem(last=False)
        return True


def _forget(key: str | None) -> None:
    with _lock:
        _noted.pop(key or "", None)


@require_safe
@for_accounts
def devices(request: HttpRequest) -> HttpResponse:
    found = Device.objects.signed_in().filter(user=request.user).order_by("-seen_at", "-pk")[:MAX_LISTED]
    here = request.session.session_key
    rows = sorted(found, key=lambda device: device.session_key != here)  # this one first
    return render(request, "devices.html", {"devices": rows, "here": here, "section": "devices"})


@require_POST
@for_accounts
def log_out_there(request: HttpRequest, device_id: int) -> HttpResponse:
    if actions.log_out(request.user, device_id):
        messages.success(request, "Logged out there")
    return redirect("devices")


@require_POST
@for_accounts
def log_out_elsewhere(request: HttpRequest) -> HttpResponse:
    actions.log_out_elsewhere(request.user, request.session.session_key or "")
    messages.success(request, "You are logged out everywhere else")
    return redirect("devices")
