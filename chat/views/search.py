"""Views: the page with the results of a search, and suggestions for its filters."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from chat import frames, names
from chat.client_ip import client_ip
from chat.limits import limits
from chat.mention_tokens import as_text
from chat.models import Membership, Message, Room, User, titles
from chat.refusals import Refusal
from chat.search.bounds import bounded
from chat.search.filters import Filters
from chat.search.finding import Found, Search
from chat.search.highlights import Piece, pieces
from chat.search.query import LONGEST, Query, parse
from chat.search.ranking import RANKED, best

from .deep_links import url_with_next
from .errors import answer, json
from .paging import before

PAGE_SIZE = 20  # hits
BEST, NEWEST = "best", "newest"
SUGGESTED = 8  # people or rooms
LOOKED_AT = 200  # people whose name begins with the query


@dataclass(frozen=True, slots=True)
class Hit:
    message: frames.MessageState
    room: Room
    title: str
    pieces: Sequence[Piece]


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    if not request.user.is_authenticated:
        return redirect(url_with_next(request, settings.LOGIN_URL))
    query = parse(request.GET.get("q", "")[: LONGEST + 1])
    sort = BEST if request.GET.get("sort") == BEST and query.terms else NEWEST
    earlier = before(request)
    context: dict[str, Any] = {
        "query": query, "sort": sort, "is_first": earlier is None, "longest": LONGEST, "ranked": RANKED,
    }  # fmt: skip
    if query.problems or query.is_empty:
        return render(request, "search.html", context)
    limits().spend_search(request.user.pk, client_ip(request))
    try:
        with bounded():
            found = _found(query, request.user, sort, earlier)
            context |= {"found": found, "hits": list(_hits(found.ids, query, request.user))}
    except Refusal as refusal:
        if refusal.code != "search_too_long":
            raise
        query.problems.append(refusal.message)
        return render(request, "search.html", context, status=refusal.status)
    if found.further:
        context["more"] = "?" + urlencode({"q": query.typed, "before": found.further})
        context["back_to"] = (
            Message.objects.filter(pk=found.further).values_list("created_at", flat=True).first()
        )
    return render(request, "search.html", context)


def _found(query: Query, user: User, sort: str, earlier: int | None) -> Found:
    filters = Filters(query, user)
    if sort == NEWEST:
        return Search(filters, user, PAGE_SIZE, earlier).run()
    latest = Search(filters, user, RANKED).run()
    further = latest.further if latest.is_partial else None
    return Found(best(latest.ids, query.terms)[:PAGE_SIZE], further, latest.is_partial)


def _hits(ids: Sequence[int], query: Query, user: User) -> Iterator[Hit]:
    rows = (
        Message.objects.filter(pk__in_array=ids)
        .with_state()
        .select_related("author", "original__author", "room")
    )
    found = {message.pk: message for message in rows}
    titles.entitle([message.room for message in found.values()], user)
    for message in (found[id] for id in ids if id in found):
        state = frames.message(message)
        text = as_text(state.text, state.mentions or {})
        yield Hit(state, message.room, message.room.title, pieces(text, query.terms))


@require_safe
def suggestions(request: HttpRequest) -> HttpResponse:
    """`?key=from&q=` → `{"names": [...]}`: people who share a room with the user, or rooms (`key=in`)."""
    try:
        if not request.user.is_authenticated:
            raise Refusal("sign_in")
        limits().spend_search(request.user.pk, client_ip(request))
    except Refusal as refusal:
        return answer(refusal)
    typed = request.GET.get("q", "").strip()[: names.NAME_LENGTH]
    visible = Room.objects.visible_to(request.user)
    if not typed.isprintable():  # PostgreSQL rejects NUL
        return json({"names": []})
    found = (
        _rooms(visible, typed) if request.GET.get("key") == "in" else _people(visible, typed, request.user)
    )
    return json({"names": found})


def _rooms(visible: Any, typed: str) -> list[str]:
    named = visible.filter(name_key__contains=names.room_key(typed)).exclude(kind=Room.DIRECT)
    return list(named.order_by("name").values_list("name", flat=True)[:SUGGESTED])


def _people(visible: Any, typed: str, user: User) -> list[str]:
    """Of at most LOOKED_AT people with such a name."""
    begins = User.objects.filter(name_key__startswith=names.skeleton(typed), is_active=True).order_by(
        "name_key"
    )
    some = list(begins.values_list("pk", flat=True)[:LOOKED_AT])
    shared = Membership.objects.filter(user=OuterRef("pk"), room__in=visible.values("pk"))
    known = User.objects.filter(Exists(shared), pk__in=some).exclude(pk=user.pk).order_by("name", "pk")
    return list(known.values_list("name", flat=True)[:SUGGESTED])
