"""View: the public log of a room, if its owner opened it: which decisions moderators made, when, and why."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from chat import ranks
from chat.models import AuditEntry, Membership, Room, User
from chat.ranks import Rank

from .log_entries import WORDS, in_words
from .paging import before
from .room import named_room, redirect_visitor

PAGE_SIZE = 50  # entries
ROLES = {
    Rank.ROOM_MODERATOR: "room moderator",
    Rank.ROOM_OWNER: "room owner",
    Rank.SITE_MODERATOR: "site moderator",
    Rank.ADMINISTRATOR: "administrator",
}
NOBODY = "Obrolan"  # a rule, or the end of a sanction
FORMER = "former moderator"


@dataclass(frozen=True, slots=True)
class Line:
    entry: AuditEntry
    words: str
    role: str  # of the moderator today; the log has no name


@require_safe
def room_log(request: HttpRequest, slug: str) -> HttpResponse:
    if not request.user.is_authenticated:
        return redirect_visitor(request, slug)
    room = named_room(request.user, slug)
    if not room.has_public_log:
        raise Http404
    if room.slug != slug:
        return redirect("room_log", room.slug)
    last = before(request)
    entries = AuditEntry.objects.filter(room_id=room.pk, action__in=WORDS)
    if last is not None:
        entries = entries.filter(number__lt=last)
    found = list(entries.order_by("-number")[: PAGE_SIZE + 1])
    context: dict[str, Any] = {
        "room": room,
        "lines": list(_lines(room, found[:PAGE_SIZE])),
        "next": found[PAGE_SIZE - 1].number if len(found) > PAGE_SIZE else None,
        "is_first": last is None,
    }
    return render(request, "room_log.html", context)


def _lines(room: Room, entries: Sequence[AuditEntry]) -> Iterator[Line]:
    roles = _roles(room, {entry.actor_id for entry in entries if entry.actor_id})
    for entry in entries:
        role = roles.get(entry.actor_id, FORMER) if entry.actor_id else NOBODY
        yield Line(entry, in_words(entry), role)


def _roles(room: Room, ids: set[int]) -> dict[int, str]:
    members = {each.user_id: each for each in Membership.objects.filter(room=room, user__in=ids)}
    people = User.objects.filter(pk__in=ids).only("is_staff", "is_superuser")
    return {one.pk: ROLES.get(ranks.rank(one, members.get(one.pk)), FORMER) for one in people}
