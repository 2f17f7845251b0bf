"""Rooms: made, entered, renamed, and who belongs to them."""

import uuid

from django.conf import settings
from django.db import IntegrityError, transaction

from chat import events, permissions, text
from chat.client_ip import current_ip
from chat.limits import limits
from chat.models import Membership, Room, User
from chat.models.room import NAME_LENGTH, TOPIC_LENGTH
from chat.refusals import Refusal

from .slugs import free_slugs, slug_of


def create(name: str, *, by: User, kind: str = Room.PUBLIC, topic: str = "") -> Room:
    """A new room, owned by whoever makes it.

    A private room's address has an unguessable end, so that a public room of its name never gives it away.
    Raises Refusal: room_creation_restricted, too_many_rooms, room_name_empty, room_name_too_long,
    room_name_characters, topic_too_long, topic_characters.
    """
    if not may_create(by):
        raise Refusal("room_creation_restricted")
    name, topic = clean_name(name), clean_topic(topic)
    if ip := current_ip():  # none in commands
        limits().spend_room(by.pk, ip)
    for slug in free_slugs(name, kind):
        try:
            with transaction.atomic():
                room = Room.objects.create(slug=slug, name=name, topic=topic, kind=kind)
                Membership.objects.create(room=room, user=by, role=Membership.OWNER)
        except IntegrityError:
            continue  # taken meanwhile
        events.publish_room(room)
        return room
    raise AssertionError("free_slugs never ends")


def find_or_create(name: str, *, by: User) -> Room:
    """The room that somebody means by typing its name: one that they may see, or a new public one."""
    name = clean_name(name)
    found = Room.objects.visible_to(by).filter(slug=slug_of(name)).first()
    return found or by.rooms.filter(name__iexact=name).first() or create(name, by=by)


def enter(room: Room, user: User) -> Membership:
    """Their membership; the first visit of a public room makes one. Raises Refusal: no_room."""
    if room.is_private:
        membership = Membership.objects.filter(room=room, user=user).first()
        if membership is None:
            raise Refusal("no_room")
        return membership
    membership, _ = Membership.objects.get_or_create(room=room, user=user, defaults={"last_read": room.head})
    return membership


def update(
    room: Room, *, by: User, name: str | None = None, topic: str | None = None, kind: str | None = None
) -> Room:
    """Rename it, say what it is for, open or close it; its address stays, and so do those who belong to it.

    Raises Refusal: not_your_room, and those of the name and the topic.
    """
    _owned(room, by)
    new = {
        "name": room.name if name is None else clean_name(name),
        "topic": room.topic if topic is None else clean_topic(topic),
        "kind": kind or room.kind,
    }
    with transaction.atomic():
        Room.objects.filter(pk=room.pk).update(**new)
        for field, value in new.items():
            setattr(room, field, value)
        events.publish_room(room)
    return room


def add_member(room: Room, user: User, role: str = Membership.MEMBER, *, by: User) -> Membership:
    """Let them in, or change what they are here. Raises Refusal: not_your_room."""
    _owned(room, by)
    with transaction.atomic():
        membership, _ = Membership.objects.update_or_create(
            room=room,
            user=user,
            defaults={"role": role},
            create_defaults={"role": role, "last_read": room.head},
        )
        events.revoke(user.pk)
    return membership


def remove_member(room: Room, user: User, *, by: User) -> None:
    """Their sockets in a private room close; anybody may remove themselves. Raises Refusal: not_your_room."""
    if by.pk != user.pk:
        _owned(room, by)
    with transaction.atomic():
        Membership.objects.filter(room=room, user=user).delete()
        events.revoke(user.pk)


def may_create(user: User) -> bool:
    if settings.OBROLAN_ROOM_CREATION == "staff":
        return user.is_staff
    return settings.OBROLAN_ROOM_CREATION == "everyone" or not user.is_guest


def clean_name(name: str) -> str:
    return _clean(name, NAME_LENGTH, "room_name") or _refuse("room_name_empty")


def clean_topic(topic: str) -> str:
    return _clean(topic, TOPIC_LENGTH, "topic")


def renew_epochs() -> int:
    """After a restore: whoever has newer messages on the screen forgets them and reads the room afresh.

    Returns the number of rooms. Running processes notice within a second.
    """
    return Room.objects.update(epoch=uuid.uuid4())


def _clean(line: str, limit: int, what: str) -> str:
    try:
        return text.clean_line(line, limit)
    except Refusal as refusal:
        raise Refusal(f"{what}_{refusal.code}", limit=limit) from None


def _refuse(code: str) -> str:
    raise Refusal(code)


def _owned(room: Room, by: User) -> None:
    if not permissions.may_manage(by, Membership.objects.filter(room=room, user=by).first()):
        raise Refusal("not_your_room")
