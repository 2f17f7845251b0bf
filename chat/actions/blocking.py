"""Block a person: they are ignored, cannot start a conversation, and that of the two is closed."""

from django.db import transaction

from chat import events
from chat.models import Room, User

from .direct import key_of
from .ignoring import change_ignored


def block(user: User, other: User, on: bool) -> list[int]:
    """Block a person, or stop blocking and ignoring them. Returns the ids of the people who are ignored now.

    A conversation of the two is closed while one of them blocks the other. Its row is locked, as by every
    post, so each post is stored before the block or refused after it, without a query more.
    Raises Refusal: ignoring_yourself, too_many_ignored.
    """
    with transaction.atomic():
        people = User.objects.lock([user.pk, other.pk], for_deletion=False).in_bulk()
        blocked = [id for id in people[user.pk].blocked if id != other.pk]
        people[user.pk].blocked = [*blocked, other.pk] if on else blocked
        people[user.pk].save(update_fields=["blocked"])
        _close_conversation(user, other, on or user.pk in people[other.pk].blocked)
        change_ignored(user, other, on)  # last: it locks memberships
    return user.ignored


def _close_conversation(user: User, other: User, is_blocked: bool) -> None:
    key = key_of({user.pk, other.pk})
    ids = list(Room.objects.filter(direct_key=key).values_list("pk", flat=True))  # deleted ones may return
    for room in Room.objects.lock(ids) if ids else ():
        if room.is_blocked != is_blocked:
            room.is_blocked = is_blocked
            room.save(update_fields=["is_blocked"])
            events.publish_room(room)
