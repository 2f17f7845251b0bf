"""Views: the page with one's own reports and their outcomes. Other pages tell a new outcome once."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from chat.actions.reports import tell_outcomes
from chat.models import Report, Room, User

from .deep_links import url_with_next
from .paging import before

PAGE_SIZE = 30  # reports


@require_safe
def own_reports(request: HttpRequest) -> HttpResponse:
    if not request.user.is_authenticated:
        return redirect(url_with_next(request, settings.LOGIN_URL))
    tell_outcomes(request.user)
    mine = Report.objects.filter(reporter=request.user).select_related("case__person", "case__room")
    if (last := before(request)) is not None:
        mine = mine.filter(pk__lt=last)
    found = list(mine.order_by("-pk")[: PAGE_SIZE + 1])
    context: dict[str, Any] = {
        "reports": found[:PAGE_SIZE],
        "rooms": _visible_rooms(found, request.user),
        "next": found[PAGE_SIZE - 1].pk if len(found) > PAGE_SIZE else None,
        "is_first": last is None,
    }
    return render(request, "reports.html", context)


def show_outcomes(request: HttpRequest) -> None:
    """Tell the outcomes of the user's reports that they have not seen, in this page's messages."""
    if request.method != "GET":
        return
    for report in tell_outcomes(request.user):
        case = report.case
        answer = f" {case.answer}" if case.answer else ""
        messages.info(request, f"You reported {case.person}. The outcome: {case.outcome}.{answer}")


def _visible_rooms(reports: Sequence[Report], user: User) -> set[int]:
    """The ids of the rooms that the user still sees: only these are named and linked."""
    ids = {report.case.room_id for report in reports if report.case.room_id}
    return set(Room.objects.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True))
