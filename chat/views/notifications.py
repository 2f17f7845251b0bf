"""View: the page with the user's settings of notifications."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from chat import vapid
from chat.actions import notification_settings, push_subscriptions
from chat.actions.profile import TIME_ZONES
from chat.models import Membership, NotificationSettings, Room, User, titles

from . import confirming
from .deep_links import url_with_next
from .errors import json, wants_json
from .forms import Form
from .mine import LEVELS
from .time_zone import COOKIE

MAX_ROOMS = 200  # listed on the page
form_methods = require_http_methods(["GET", "HEAD", "POST"])


class NotificationsForm(Form):
    sound = forms.BooleanField(label="Play a sound with notifications", required=False)
    mail = forms.BooleanField(
        label="Send me a mail about messages that I missed",
        required=False,
        help_text="One mail about all of them, ten minutes after the first, and at most one an hour.",
    )
    quiet_from = forms.TimeField(
        label="Quiet from", required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    quiet_until = forms.TimeField(
        label="Until", required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )

    def clean(self) -> None:
        start, end = self.cleaned_data.get("quiet_from"), self.cleaned_data.get("quiet_until")
        if (start is None) != (end is None) and not self.errors:
            self.add_error("quiet_until" if end is None else "quiet_from", "Enter both times, or neither.")


@never_cache
@form_methods
def notifications(request: HttpRequest) -> HttpResponse:
    """With `Accept: application/json` the settings that js/notifier.js needs."""
    if not request.user.is_authenticated:
        return redirect(url_with_next(request, settings.LOGIN_URL))
    stored = notification_settings.settings_of(request.user)
    if request.method != "POST" and wants_json(request):
        return json(for_browser(stored, request))
    names = NotificationsForm.base_fields
    form = NotificationsForm(request.POST or None, initial={name: getattr(stored, name) for name in names})
    can_mail = settings.OBROLAN_DIGESTS and not request.user.is_guest
    if not (can_mail and request.user.email):
        del form.fields["mail"]
    if form.is_valid():
        chosen = {"mail": stored.mail} | form.cleaned_data
        if "mail" in form.fields and must_confirm(request, stored, chosen["mail"]):
            confirming.ask(request, request.user)
        notification_settings.change(request.user, **chosen, zone=browser_zone(request) or stored.zone)
        messages.success(request, "Saved")
        return redirect("notifications")
    context = {
        "section": "notifications",
        "form": form,
        "push_key": vapid.public_key(),
        "subscribed": is_subscribed(request),
        "zone": zone_of(stored, request),
        "rooms": rooms_with_levels(request.user),
        "needs_address": can_mail and not request.user.email,
        "mails_to": mail_state(stored, request.user),
    }
    return render(request, "notifications.html", context, status=form.status if form.errors else 200)


def must_confirm(request: HttpRequest, stored: NotificationSettings, wanted: bool) -> bool:
    """Whether to send a link: mails are turned on now, or the user asks for another link."""
    is_asked = not stored.mail or "send_link" in request.POST
    return wanted and is_asked and not notification_settings.is_confirmed(stored, request.user)


def mail_state(stored: NotificationSettings, user: User) -> str:
    """Whether mails are "off", "on", or wait until the user has confirmed their address, or the new one."""
    if not stored.mail:
        return "off"
    if notification_settings.is_confirmed(stored, user):
        return "on"
    return "changed" if stored.confirmed_address else "waiting"


def for_browser(stored: NotificationSettings, request: HttpRequest) -> dict[str, Any]:
    user = request.user
    quiet = [f"{moment:%H:%M}" for moment in (stored.quiet_from, stored.quiet_until) if moment]
    return {
        "sound": stored.sound,
        "quiet": quiet if stored.is_quiet_daily else [],
        "zone": user.time_zone or stored.zone,
        "push_key": vapid.public_key(),
        "subscribed": is_subscribed(request),
        "me": user.pk,
        "ignored": user.ignored,
    }


def is_subscribed(request: HttpRequest) -> bool:
    return push_subscriptions.is_subscribed(request.user, request.session.session_key or "")


def zone_of(stored: NotificationSettings, request: HttpRequest) -> str:
    return request.user.time_zone or browser_zone(request) or stored.zone or settings.TIME_ZONE


def browser_zone(request: HttpRequest) -> str:
    name = request.COOKIES.get(COOKIE, "")
    return name if name in TIME_ZONES else ""


def rooms_with_levels(user: User) -> list[dict[str, Any]]:
    """The rooms whose level is not the default."""
    visible = Room.objects.visible_to(user).values("pk")
    found = Membership.objects.filter(user=user, room__in=visible).exclude(notify="").select_related("room")
    rows = list(found.order_by("room__name", "pk")[:MAX_ROOMS])
    titles.entitle([row.room for row in rows], user)
    return [{"room": row.room, "level": dict(LEVELS)[row.notify]} for row in rows]
