"""Views: the messages of a room by day, without scripts, a calendar of the days, and the jump to a day."""

from datetime import date, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from chat.models import Message, Room
from chat.models.days import beginning, counts, day_of, first_since, last_before, on

from .barred import visible_room
from .month import Month
from .room import redirect_visitor
from .rows import message_rows

PAGE_SIZE = 100  # messages


@require_safe
def day(request: HttpRequest, slug: str, year: int, month: int, day: int) -> HttpResponse:
    """`?after=`: the number of the last message of the page before."""
    if not request.user.is_authenticated:
        return redirect_visitor(request, slug)
    room, wanted = visible_room(request.user, slug), day_of(year, month, day)
    if wanted is None:
        raise Http404
    if room.slug != slug:
        return redirect("archive_day", room.slug, year, month, day)
    after = _number(request.GET.get("after"))
    found = list(_page(room, wanted, after))
    before, since = last_before(room, beginning(wanted)), first_since(room, beginning(wanted + timedelta(1)))
    context = {
        "room": room,
        "title": room.title,
        "day": wanted,
        "rows": list(message_rows(found[:PAGE_SIZE], room.slug, request.user)),
        "is_first": after is None,
        "more": found[PAGE_SIZE - 1].seq if len(found) > PAGE_SIZE else None,
        "previous": before and timezone.localdate(before.created_at),
        "next": since and timezone.localdate(since.created_at),
    }
    return render(request, "archive_day.html", context)


def _page(room: Room, wanted: date, after: int | None) -> list[Message]:
    """One message more than a page."""
    rows = on(room, wanted)
    if after is not None:
        last = Message.objects.filter(room=room, seq=after).only("created_at").first()
        if last is None:
            raise Http404
        rows = rows.filter(created_at__gte=last.created_at).exclude(
            created_at=last.created_at, seq__lte=after
        )
    return list(rows.with_state()[: PAGE_SIZE + 1])


def _number(typed: str | None) -> int | None:
    """Raises Http404."""
    if typed is None:
        return None
    if not (typed.isascii() and typed.isdigit() and len(typed) <= 18):
        raise Http404
    return int(typed)


@require_safe
def calendar(request: HttpRequest, slug: str) -> HttpResponse:
    """`?month=2026-03`: the days of a month. `?day=2026-03-03`: redirect to the first message since then."""
    if not request.user.is_authenticated:
        return redirect_visitor(request, slug)
    room = visible_room(request.user, slug)
    if room.slug != slug:
        return redirect("calendar", room.slug)
    if "day" in request.GET:
        return _jump(request, room)
    latest = last_before(room, beginning(timezone.localdate() + timedelta(2)))
    month = Month.parse(request.GET["month"]) if "month" in request.GET else Month.of(_day_of(latest))
    if month is None:
        raise Http404
    before, since = last_before(room, beginning(month.first)), first_since(room, beginning(month.end))
    context: dict[str, Any] = {
        "room": room,
        "title": room.title,
        "month": month,
        "weeks": month.weeks(counts(room, month.days)),
        "previous": before and Month.of(timezone.localdate(before.created_at)),
        "next": since and Month.of(timezone.localdate(since.created_at)),
        "latest": latest and timezone.localdate(latest.created_at),
        "today": timezone.localdate(),
        "problem": request.GET.get("problem") == "day",
    }
    return render(request, "calendar.html", context)


def _day_of(message: Message | None) -> date:
    return timezone.localdate(message.created_at if message else None)


def _jump(request: HttpRequest, room: Room) -> HttpResponse:
    """After the last message there is none: the last one is shown."""
    parts = request.GET["day"].split("-")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() and len(part) <= 4 for part in parts):
        raise Http404
    wanted = day_of(*map(int, parts))
    if wanted is None:
        raise Http404
    found = first_since(room, beginning(wanted)) or last_before(room, beginning(wanted))
    return redirect("permalink", room.slug, found.seq) if found else redirect("room", room.slug)
