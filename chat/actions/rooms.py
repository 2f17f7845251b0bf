"""Create, find and change rooms. `members` has the actions of their members."""

import uuid
from collections.abc import Mapping
from itertools import islice
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from chat import events, names, text
from chat.client_ip import current_ip
from chat.limits import limits
from chat.models import Membership, Room, Rule, User
from chat.models.room import NAME_LENGTH, TOPIC_LENGTH
from chat.refusals import Refusal

from . import audit
from .members import lock_room, require_manager
from .slugs import free_slugs, keep_former_slug

SLUGS_TRIED = 20  # for one new room


def create(name: str, *, by: User, kind: str = Room.PUBLIC, topic: str = "") -> Room:
    """Create a room that `by` owns. The name of a public room is unique; a database constraint decides
    between simultaneous requests.

    Raises Refusal: room_creation_restricted, too_many_rooms, room_name_taken, room_name_empty,
    room_name_too_long, room_name_characters, topic_too_long, topic_characters.
    """
    if not may_create(by):
        raise Refusal("room_creation_restricted")
    name, topic = clean_name(name), clean_topic(topic)
    _refuse_taken(name, kind)  # first: a person who tries several names spends no tokens
    if ip := current_ip():  # management commands have none
        limits().spend_room(by.pk, ip)
    for slug in islice(free_slugs(name, kind), SLUGS_TRIED):
        try:
            with transaction.atomic():
                Room.objects.lock_creation()
                # Posts read no rules while it is 0.
                decisions = int(Rule.objects.filter(room=None).exists())
                room = Room.objects.create(slug=slug, name=name, topic=topic, kind=kind, decisions=decisions)
                Membership.objects.create(room=room, user=by, role=Membership.OWNER)
        except IntegrityError:  # another request took the slug or the name
            _refuse_taken(name, kind)
            continue
        events.publish_room(room)
        return room
    raise Refusal("unavailable")


def find(name: str, *, by: User) -> Room | None:
    """Find a room by its name in the public rooms and those of `by`, else by its slug."""
    rooms = Room.objects.visible_to(by).exclude(kind=Room.DIRECT)  # its name is not shown
    by_name = rooms.public().named(name).first() or rooms.filter(members=by).named(name).first()
    return by_name or rooms.at(names.room_key(name).replace(" ", "-"))  # not `slug_of`: the slug of C# is `c`


def find_or_create(name: str, *, by: User) -> Room:
    """Find a room, or create a public one. Raises what `create` raises except room_name_taken."""
    name = clean_name(name)
    found = find(name, by=by)
    if found is None:
        try:
            return create(name, by=by)
        except Refusal as refusal:
            found = find(name, by=by)  # another request created it meanwhile
            if found is None or refusal.code != "room_name_taken":
                raise
    return found


def update(
    room: Room,
    *,
    by: User,
    name: str | None = None,
    topic: str | None = None,
    kind: str | None = None,
    mention_all: str | None = None,
    shows_joins: bool | None = None,
) -> Room:
    """Change the given fields and return the room. Memberships are kept.

    A public room that becomes private gets a new slug that cannot be guessed. The old slug redirects its
    members until a new room takes it.
    Raises Refusal: no_room, not_your_room, room_name_taken, and those of the name and the topic.
    """
    given = {"kind": kind, "mention_all": mention_all, "shows_joins": shows_joins}
    changes: dict[str, str | bool] = {field: value for field, value in given.items() if value is not None}
    if name is not None:
        changes["name"] = clean_name(name)
    if topic is not None:
        changes["topic"] = clean_topic(topic)
    try:
        with transaction.atomic():
            room = lock_room(room)
            require_manager(room, by)
            if kind == Room.PRIVATE and not room.is_private:
                changes["slug"] = next(free_slugs(str(changes.get("name", room.name)), kind))
                keep_former_slug(room)
            before = {field: getattr(room, field) for field in changes}
            for field, value in changes.items():
                setattr(room, field, value)
            room.save(update_fields=[*changes, "name_key"])
            events.publish_room(room)
            _record(room, by, before, changes)
    except IntegrityError:
        raise Refusal("room_name_taken") from None
    return room


def may_create(user: User) -> bool:
    if settings.OBROLAN_ROOM_CREATION == "staff":
        return user.is_staff
    return settings.OBROLAN_ROOM_CREATION == "everyone" or not user.is_guest


def clean_name(name: str) -> str:
    cleaned = _clean(name, NAME_LENGTH, "room_name")
    if not cleaned:
        raise Refusal("room_name_empty")
    return cleaned


def clean_topic(topic: str) -> str:
    return _clean(topic, TOPIC_LENGTH, "topic")


def renew_epochs() -> int:
    """Give each room a new epoch after a restore: clients discard their messages and load them again.

    Returns the number of rooms. Running processes notice within a second.
    """
    return Room.objects.update(epoch=uuid.uuid4())


def _record(room: Room, by: User, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """Log what changed: each field with its value before and after."""
    changed = {field: [before[field], after[field]] for field in after if before[field] != after[field]}
    if changed:
        audit.record([audit.Decision("change_room", by=by, room=room, details=changed)])


def _refuse_taken(name: str, kind: str) -> None:
    if kind == Room.PUBLIC and Room.objects.public().named(name).exists():
        raise Refusal("room_name_taken")


def _clean(line: str, limit: int, field: str) -> str:
    try:
        return text.clean_line(line, limit)
    except Refusal as refusal:
        raise Refusal(f"{field}_{refusal.code}", limit=limit) from None
