"""`/rooms/<slug>/<seq>/versions/`: what an edited message said before, as JSON."""

from collections.abc import Iterable
from datetime import datetime

import msgspec
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from chat import permissions
from chat.frames import MAX_NUMBER
from chat.mention_tokens import mentions_in, with_names
from chat.models import Membership, Message, Room, User
from chat.refusals import Refusal

from .errors import json
from .history import BYTES
from .room_json import of_room

LIMIT = 50  # versions in one response; the page shows no older ones


class VersionState(msgspec.Struct, frozen=True):
    """A version, in which `text` has mentions as tokens and `html` by name. An edit replaced it `at`."""

    html: str
    text: str
    at: datetime


@require_safe
@of_room
def versions(request: HttpRequest, room: Room, seq: int) -> HttpResponse:
    """`{"versions": […]}`, newest first. A deleted message has none, except for moderators."""
    message = room.messages.filter(seq=seq).first() if seq <= MAX_NUMBER else None
    if message is None:
        raise Refusal("no_message")
    found = _versions(message) if _may_read(request.user, message) else []
    return json({"versions": found})


def _may_read(user: User, message: Message) -> bool:
    if message.deleted_at is None:
        return True
    return permissions.may_moderate(user, Membership.objects.filter(room=message.room_id, user=user).first())


def _versions(message: Message) -> list[VersionState]:
    found = message.versions.newest_within(LIMIT, BYTES)
    names = _names(message.room_id, (version.html for version in found))
    return [VersionState(with_names(one.html, names), one.text, one.replaced_at) for one in found]


def _names(room_id: int, htmls: Iterable[str]) -> dict[str, str]:
    """The display names of the mentioned members. Others are unknown, as in messages."""
    ids = {id for html in htmls for id in mentions_in(html).user_ids}
    if not ids:
        return {}
    members = User.objects.filter(memberships__room=room_id, pk__in_array=ids)
    return {str(pk): name for pk, name in members.values_list("pk", "name")}
