"""Views: a person's own sanctions, and the page that a person who is banned from the site sees instead of all
others.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

from asgiref.sync import markcoroutinefunction
from django.conf import settings
from django.contrib import messages
from django.db.models import Q
from django.db.models.functions import Now
from django.db.utils import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from chat import standing
from chat.actions import sanctions as actions
from chat.models import Sanction
from chat.models.sanction import REASON_LENGTH
from chat.refusals import Refusal

from .deep_links import next_url, url_with_next
from .errors import json, page_for, wants_json

LISTED_FOR = timedelta(days=30)  # after their end
MAX_LISTED = 50
OPEN_PAGES = {"sanctions", "acknowledge", "appeal", "logout", "admin:logout", "emoji", "manifest"}


class SiteBans:
    """Django middleware: a person who is banned from the site sees only why, and can appeal or log out."""

    async_capable, sync_capable = True, False

    def __init__(self, get_response: Callable[[HttpRequest], Awaitable[HttpResponse]]) -> None:
        self.get_response = get_response
        markcoroutinefunction(self)

    async def __call__(self, request: HttpRequest) -> HttpResponse:
        return await self.get_response(request)

    def process_view(self, request: HttpRequest, *_: object) -> HttpResponse | None:
        match = request.resolver_match
        if settings.SESSION_COOKIE_NAME not in request.COOKIES or (match and match.view_name in OPEN_PAGES):
            return None
        try:
            if request.user.is_authenticated:
                standing.refuse_barred(request.user, None)
        except (standing.Sanctioned, OperationalError, InterfaceError) as error:
            return page_for(request, error)
        return None


@require_safe
def sanctions(request: HttpRequest) -> HttpResponse:
    """Those in force, and those that ended less than LISTED_FOR ago."""
    if not request.user.is_authenticated:
        return redirect(url_with_next(request, settings.LOGIN_URL))
    return _show(request)


@require_POST
def acknowledge(request: HttpRequest, sanction_id: int) -> HttpResponse:
    if not request.user.is_authenticated:
        return redirect(settings.LOGIN_URL)
    try:
        actions.acknowledge(_own(request, sanction_id), person=request.user)
    except Refusal as refusal:
        return _show(request, refusal, sanction_id)
    if wants_json(request):
        return json({})
    messages.success(request, "Acknowledged. You can write again")
    return redirect(next_url(request) or "sanctions")


@require_POST
def appeal(request: HttpRequest, sanction_id: int) -> HttpResponse:
    """`words`: why the moderators should reconsider."""
    if not request.user.is_authenticated:
        return redirect(settings.LOGIN_URL)
    try:
        actions.appeal(_own(request, sanction_id), request.POST.get("words", ""), person=request.user)
    except Refusal as refusal:
        return _show(request, refusal, sanction_id)
    messages.success(request, "Your appeal was sent. A moderator will answer")
    return redirect("sanctions")


def _own(request: HttpRequest, sanction_id: int) -> Sanction:
    found = Sanction.objects.filter(pk=sanction_id, person=request.user).select_related("room").first()
    if found is None:
        raise Refusal("no_sanction")
    return found


def _show(
    request: HttpRequest, refusal: Refusal | None = None, refused_id: int | None = None
) -> HttpResponse:
    """With a refusal, its message stands beside the form of this sanction, with the words that were sent."""
    in_force = {sanction.pk for sanction in standing.in_force([request.user]).get(request.user.pk, ())}
    recent = Q(ended_at__gt=Now() - LISTED_FOR) | Q(ended_at=None, ends_at__gt=Now() - LISTED_FOR)
    listed = Sanction.objects.of([request.user]).filter(Q(pk__in=in_force) | recent)
    rows = [
        {
            "sanction": sanction,
            "headline": standing.headline(sanction),
            "in_force": sanction.pk in in_force,
            "may_appeal": _may_appeal(sanction, request, in_force),
            "must_acknowledge": sanction.kind == Sanction.WARNING and sanction.pk in in_force,
            "refusal": refusal.message if refusal and sanction.pk == refused_id else "",
        }
        for sanction in listed.select_related("room").order_by("-pk")[:MAX_LISTED]
    ]
    context = {
        "rows": rows,
        "refusal": refusal.message if refusal and refusal.code == "no_sanction" else "",
        "words": request.POST.get("words", ""),
        "limit": REASON_LENGTH,
    }
    return render(request, "sanctions.html", context, status=refusal.status if refusal else 200)


def _may_appeal(sanction: Sanction, request: HttpRequest, in_force: set[int]) -> bool:
    if sanction.person_id != request.user.pk or sanction.appealed_at or sanction.lifted_by_id:
        return False
    return sanction.pk in in_force or sanction.kind == Sanction.WARNING
