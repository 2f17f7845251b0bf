"""The guests who entered with this browser before, and people with sanctions who deleted their account, in a
signed cookie.

A guest who was banned or deactivated could otherwise come back within seconds under another name. Another
browser, or a cleared one, is not recognised: a ban with the guest's IP address is.
"""

from __future__ import annotations

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from chat import standing
from chat.models import AuditEntry, Room, User
from chat.refusals import Refusal

COOKIE = "guests"
SALT = "chat.former_guests"
MAX_GUESTS = 5  # the latest
MAX_AGE = 365 * 24 * 3600  # seconds


def remember(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Add the guest who has just entered to the cookie."""
    user = request.user
    return remember_id(request, response, user.pk if user.is_authenticated and user.is_guest else None)


def remember_id(request: HttpRequest, response: HttpResponse, user_id: int | None) -> HttpResponse:
    """Add a guest, or somebody with sanctions who deleted the account. None: nobody."""
    if user_id is not None and (known := _ids(request))[-1:] != [user_id]:
        ids = [*(id for id in known if id != user_id), user_id][-MAX_GUESTS:]
        response.set_cookie(
            COOKIE,
            signing.dumps(ids, salt=SALT),
            max_age=MAX_AGE,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
    return response


def refuse(request: HttpRequest, room: Room | None = None) -> None:
    """Refuse a guest, or somebody who is about to become one, because of an earlier guest of this browser.

    Raises Refusal: deactivated; banned, removed from the room, or without one from the site.
    """
    user = request.user
    if user.is_authenticated and not user.is_guest:
        return
    others = [id for id in _ids(request) if id != user.pk]
    if not others:
        return
    guests = User.objects.filter(pk__in=others)
    in_force = standing.in_force(guests)
    for guest in guests:
        if not guest.is_active and guest.deleted_at is None:
            raise _deactivated(guest)
        standing.refuse_if_barred(guest.pk, in_force.get(guest.pk, ()), room.pk if room else None)


def _deactivated(guest: User) -> Refusal:
    refusal = Refusal("deactivated")
    entries = AuditEntry.objects.filter(person_id=guest.pk, action="deactivate").order_by("-number")
    if reason := entries.values_list("reason", flat=True).first():
        refusal.message = f"{refusal.message} Reason: {reason}"
    return refusal


def _ids(request: HttpRequest) -> list[int]:
    """The ids of the guests, the latest last."""
    try:
        return list(signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=MAX_AGE))
    except signing.BadSignature:
        return []
