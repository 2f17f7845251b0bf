"""View: the page with the latest mentions of a user in all rooms."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

import msgspec
from django.conf import settings
from django.db.models import OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from chat import frames
from chat.mention_tokens import as_text
from chat.models import Membership, Mention, Message, Room, User, titles
from chat.models.json_list import JsonList
from chat.text import excerpt

from .deep_links import url_with_next
from .paging import before

PAGE_SIZE = 30  # mentions

_decode_ids = msgspec.json.Decoder(list[int]).decode


@dataclass(frozen=True, slots=True)
class MentionRow:
    message: frames.MessageState
    room: Room
    excerpt: str
    is_ignored: bool


@require_safe
def mentions(request: HttpRequest) -> HttpResponse:
    if not request.user.is_authenticated:
        return redirect(url_with_next(request, settings.LOGIN_URL))
    ids = mentioning(request.user, before(request))
    context: dict[str, Any] = {
        "rows": list(_rows(ids[:PAGE_SIZE], request.user)),
        "next": ids[PAGE_SIZE - 1] if len(ids) > PAGE_SIZE else None,
        "is_first": "before" not in request.GET,
    }
    return render(request, "mentions.html", context)


def mentioning(user: User, before: int | None) -> list[int]:
    """The ids of the latest messages that mention the user, newest first: PAGE_SIZE, and one more if there
    are further ones. `@all` counts in rooms of which the user is a member, from the day they joined.
    """
    limit = PAGE_SIZE + 1
    by_name = Mention.objects.filter(user=user, room__in=Room.objects.visible_to(user).values("pk"))
    if before is not None:
        by_name = by_name.filter(message__lt=before)
    found = {
        *by_name.order_by("-message").values_list("message", flat=True)[:limit],
        *_mentioning_all(user, before, limit),
    }
    return sorted(found, reverse=True)[:limit]


def _mentioning_all(user: User, before: int | None, limit: int) -> Iterator[int]:
    """The latest `limit` of each room: sorted over all rooms, PostgreSQL would read all messages of the site.

    Messages from before the user joined are left out last. To search for others would read all of the room.
    """
    latest = Message.objects.filter(
        room=OuterRef(OuterRef("room")), mentions_all=True, deleted_at=None
    ).exclude(author__in=[user.pk, *user.ignored])
    if before is not None:
        latest = latest.filter(pk__lt=before)
    since_joined = Message.objects.filter(
        pk__in=latest.order_by("-seq").values("pk")[:limit], created_at__gte=OuterRef("joined_at")
    )
    ids = JsonList(since_joined.values("id"), column="id")
    visible = Room.objects.visible_to(user).values("pk")
    rooms = Membership.objects.filter(user=user, room__in=visible).annotate(ids=ids)
    rooms = rooms.values_list("ids", flat=True)
    return chain.from_iterable(map(_decode_ids, filter(None, rooms)))


def _rows(ids: list[int], user: User) -> Iterator[MentionRow]:
    found = Message.objects.filter(pk__in=ids).with_state().order_by("-pk")
    messages = list(found.select_related("author", "original__author", "room"))
    titles.entitle([message.room for message in messages], user)
    for message in messages:
        state = frames.message(message)
        text = excerpt(as_text(state.text, state.mentions or {}))
        yield MentionRow(state, message.room, text, state.author.id in user.ignored)
