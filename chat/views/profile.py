"""Views: a person's own page, with the display name, the picture and the time zone."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from chat import names
from chat.actions import profile as actions
from chat.pictures import MAX_BYTES
from chat.refusals import Refusal

from .errors import page as error_page
from .forms import Form, Line
from .own_pages import for_people
from .time_zone import COOKIE

OTHER_ZONES = ("Etc/", "SystemV/", "US/", "posix", "right")  # old or technical names


class NameForm(Form):
    name = Line(
        names.check_name,
        label="Display name",
        limit=names.NAME_LENGTH,
        autocomplete="nickname",
        help_text="The name that others see, also on your earlier messages.",
    )


class OfficialNameForm(NameForm):
    """Site moderators may have a reserved name."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].check = lambda name: names.check_name(name, official=True)


class PreferencesForm(Form):
    """`browser`: the zone of the browser, which is suggested. There is no choice of one language."""

    time_zone = forms.ChoiceField(label="Time zone", required=False)
    language = forms.ChoiceField(label="Language", required=False)

    def __init__(self, *args: Any, browser: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["time_zone"].choices = [("", _as_browser(browser)), *ZONES]
        self.fields["language"].choices = [("", "As the site"), *settings.LANGUAGES]
        if len(settings.LANGUAGES) < 2:
            del self.fields["language"]


def _as_browser(zone: str) -> str:
    return f"As in the browser ({zone.replace('_', ' ')})" if zone else "As in the browser"


def _zones() -> list[tuple[str, str]]:
    listed = [name for name in sorted(actions.TIME_ZONES) if "/" in name and not name.startswith(OTHER_ZONES)]
    return [("UTC", "UTC"), *((name, name.replace("_", " ")) for name in listed)]


ZONES = _zones()


@require_http_methods(["GET", "HEAD", "POST"])
@for_people
def profile(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _show(request)
    kind = OfficialNameForm if request.user.is_staff else NameForm
    form = kind(request.POST)
    if form.is_valid():
        try:
            actions.rename(request.user, form.cleaned_data["name"])
            messages.success(request, "Saved")
            return redirect("profile")
        except Refusal as refusal:
            form.refused(refusal, name="name")
    return _show(request, name_form=form)


@require_POST
@for_people
def preferences(request: HttpRequest) -> HttpResponse:
    form = _preferences_form(request, request.POST)
    if form.is_valid():
        try:
            actions.set_preferences(request.user, **form.cleaned_data)
            messages.success(request, "Saved")
            return redirect("profile")
        except Refusal as refusal:
            form.refused(refusal, name="time_zone")
    return _show(request, preferences_form=form)


@require_POST
@for_people
def picture(request: HttpRequest) -> HttpResponse:
    """`picture`: a file. `remove`: show initials instead."""
    if request.user.is_guest:
        return error_page(request, Refusal("accounts_only_here"))
    try:
        if "remove" in request.POST:
            actions.remove_picture(request.user, by=request.user)
            messages.success(request, "Your picture was removed")
        else:
            actions.set_picture(request.user, _uploaded(request))
            messages.success(request, "Your new picture is shown")
    except Refusal as refusal:
        return _show(request, picture_error=refusal.message, status=refusal.status)
    return redirect("profile")


def _uploaded(request: HttpRequest) -> bytes:
    """The file, which is in memory (settings.FILE_UPLOAD_HANDLERS)."""
    file = request.FILES.get("picture")
    if file is None:
        raise Refusal("picture_missing")
    if file.size > MAX_BYTES:
        raise Refusal("picture_too_big", limit=MAX_BYTES // 1024**2)
    return file.read()


def _preferences_form(request: HttpRequest, data: Any = None) -> PreferencesForm:
    zone, user = request.COOKIES.get(COOKIE, ""), request.user
    initial = {"time_zone": user.time_zone, "language": user.language}
    return PreferencesForm(data, initial=initial, browser=zone if zone in actions.TIME_ZONES else "")


def _show(request: HttpRequest, status: int = 200, **bound: Any) -> HttpResponse:
    person = request.user
    context: dict[str, Any] = {
        "section": "profile",
        "person": person,
        "name_form": NameForm(initial={"name": person.name}),
        "preferences_form": _preferences_form(request),
        "now": timezone.now(),
        "max_bytes": MAX_BYTES,
        **bound,
    }
    statuses = [form.status for form in bound.values() if isinstance(form, Form)]
    return render(request, "profile.html", context, status=max([status, *statuses]))
