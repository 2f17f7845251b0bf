"""Everything that a person gave or wrote, as parts of one JSON document. Of others it has only names.

It reads pages by key, so neither the memory nor a query grows with the number of messages.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from .case import Report
from .device import Device
from .membership import Membership
from .message import Message
from .message_queries import MentionNames
from .notification_settings import NotificationSettings
from .push_subscription import PushSubscription
from .room import Room
from .sanction import Sanction
from .user import User

AT_ONCE = 500  # messages
MOST = 10_000  # rows of any other kind
OTHER_ROOM = "A room that you cannot see"

_encode = msgspec.json.Encoder().encode
_decode_names = msgspec.json.Decoder(dict[str, str]).decode


def parts_of(user: User) -> Iterator[str]:
    """The document in parts of up to a few hundred kilobytes."""
    visible = set(Room.objects.visible_to(user).values_list("pk", flat=True)[:MOST])
    yield '{"profile": ' + _json(_profile(user))
    yield ', "rooms": ' + _json(_rooms(user))
    yield ', "devices": ' + _json(
        _columns(Device.objects.filter(user=user), "agent place created_at seen_at")
    )
    yield ', "reports": ' + _json(_reports(user))
    yield ', "sanctions": ' + _json(_sanctions(user))
    yield ', "messages": ['
    is_first = True
    for page in _pages(user):
        yield ("" if is_first else ",\n") + ",\n".join(_json(_message(row, visible)) for row in page)
        is_first = False
    yield "]}\n"


def _json(value: Any) -> str:
    return _encode(value).decode()


def _columns(rows: Any, names: str) -> list[dict[str, Any]]:
    return list(rows.order_by("pk").values(*names.split())[:MOST])


def _profile(user: User) -> dict[str, Any]:
    chosen = NotificationSettings.objects.filter(user=user).values(
        "sound", "mail", "quiet_from", "quiet_until"
    )
    return {
        "username": "" if user.is_guest else user.username,
        "name": user.name,
        "email": user.email,
        "is_guest": user.is_guest,
        "time_zone": user.time_zone,
        "may_write": user.may_write,
        "has_picture": bool(user.picture),
        "entry_address": user.entry_ip,
        "joined_at": user.date_joined,
        "last_login": user.last_login,
        "ignored": _names(user.ignored),
        "blocked": _names(user.blocked),
        "notifications": chosen or {},
        "browsers_with_pushes": PushSubscription.objects.filter(user=user).count(),
    }


def _names(ids: Sequence[int]) -> list[str]:
    return list(User.objects.filter(pk__in_array=ids).order_by("pk").values_list("name", flat=True))


def _rooms(user: User) -> list[dict[str, Any]]:
    found = Membership.objects.filter(user=user, room__deleted_at=None).select_related("room").order_by("pk")
    return [
        {
            "name": "A direct conversation" if each.room.is_direct else each.room.name,
            "kind": each.room.kind,
            "role": each.role,
            "joined_at": each.joined_at,
            "last_read": each.last_read,
            "notifications": each.notify,
        }
        for each in found[:MOST]
    ]


def _reports(user: User) -> list[dict[str, Any]]:
    found = Report.objects.filter(reporter=user).select_related("case__person", "case__room").order_by("pk")
    return [
        {
            "about": each.case.person.name if each.case.person else "",
            "message": each.case.seq,
            "reason": each.reason,
            "words": each.words,
            "created_at": each.created_at,
        }
        for each in found[:MOST]
    ]


def _sanctions(user: User) -> list[dict[str, Any]]:
    """Without the notes of the moderators, and without their names."""
    names = "kind room__name reason created_at ends_at ended_at appeal appealed_at answer answered_at"
    return _columns(Sanction.objects.filter(person=user), names)


def _pages(user: User) -> Iterable[list[Any]]:
    last = 0
    while True:
        later = Message.objects.filter(author=user, pk__gt=last).order_by("pk").select_related("room")
        page = list(later.annotate(named=MentionNames("mentions"))[:AT_ONCE])
        if not page:
            return
        yield page
        last = page[-1].pk


def _message(row: Any, visible: set[int]) -> dict[str, Any]:
    return {
        "room": row.room.name if row.room_id in visible else OTHER_ROOM,
        "number": row.seq,
        "text": "" if row.deleted_at else row.text,
        "mentions": _decode_names(row.named) if row.named else {},
        "reply_to": row.reply_to,
        "created_at": row.created_at,
        "edited_at": row.edited_at,
        "deleted_at": row.deleted_at,
    }
