"""Start a direct conversation, and choose who may start one with oneself."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.crypto import get_random_string

from chat import events, standing
from chat.client_ip import current_ip
from chat.limits import limits
from chat.models import Membership, Room, Rule, User
from chat.models.acquaintance import may_see_card, sharing_a_room
from chat.refusals import Refusal

from .slugs import SUFFIX
from .writing import WRITING

MAX_PEOPLE = 10  # of one conversation, with the person who starts it
SLUG_LENGTH = 16  # random characters: nobody guesses one
NAME = "Direct conversation"  # in the admin and in logs; people see the names of the others


def open_direct(people: Collection[User], *, by: User) -> Room:
    """The conversation of these people and `by`: the existing one, or a new one.

    The same people always have the same one: their rows are locked in the order of their ids, and a unique
    constraint on `Room.direct_key` decides.
    Raises Refusal: direct_size, direct_guests, direct_unknown, direct_refused, direct_blocked,
    too_many_direct, removed; banned, muted, acknowledge_first.
    """
    ids = {by.pk, *(person.pk for person in people)}
    if not 2 <= len(ids) <= MAX_PEOPLE:
        raise Refusal("direct_size", limit=MAX_PEOPLE - 1)
    key = key_of(ids)
    room = _existing(key, by)
    if room is not None:
        return room
    _refuse_sanctioned(by)
    refuse_unless_reachable(ids, by)
    if ip := current_ip():  # management commands have none
        limits().spend_direct(by.pk, ip)
    try:
        with transaction.atomic():
            User.objects.lock(ids, for_deletion=False)
            return _existing(key, by) or _create(key, ids, by)
    except IntegrityError:  # a process of an older version took no lock, or somebody was deleted
        room = _existing(key, by)
        if room is None:
            raise Refusal("direct_unknown") from None
        return room


def find_direct(by: User, *others: User) -> Room | None:
    """The existing conversation of exactly these people, if `by` may see it."""
    rooms = Room.objects.visible_to(by).direct()
    return rooms.filter(direct_key=key_of({by.pk, *(other.pk for other in others)})).first()


def key_of(ids: Iterable[int]) -> str:
    return "-".join(map(str, sorted(ids)))


def set_may_write(user: User, may_write: str) -> None:
    """Choose who can start a conversation with this person. Raises Refusal: malformed."""
    if may_write not in dict(User._meta.get_field("may_write").flatchoices):
        raise Refusal("malformed", detail="there is no such choice")
    user.may_write = may_write
    user.save(update_fields=["may_write"])


def refuse_unless_reachable(ids: Collection[int], by: User) -> None:
    """Whether `by` may start a conversation with each of these people. A person who ignores
    or blocked `by` is refused in the same words as a person to whom nobody may write.

    Raises Refusal: direct_guests, direct_unknown, direct_blocked, direct_refused.
    """
    if by.is_guest and not settings.OBROLAN_GUESTS_DIRECT:
        raise Refusal("direct_guests")
    others = User.objects.filter(pk__in=ids).exclude(pk=by.pk).in_bulk()
    if len(others) < len(set(ids) - {by.pk}):
        raise Refusal("direct_unknown")
    shared = sharing_a_room(by, others)
    for id, other in sorted(others.items()):
        if id not in shared and not may_see_card(by, other):
            raise Refusal("direct_unknown")  # their name would be news
        _refuse(other, by, shares=id in shared)


def _refuse_sanctioned(by: User) -> None:
    """Raises Sanctioned: banned, muted, acknowledge_first, by a decision for the whole site."""
    sanctions = standing.here(standing.in_force([by]).get(by.pk, ()), None)
    standing.refuse_if_barred(by.pk, sanctions, None)
    for sanction in sanctions:
        if sanction.kind in WRITING:
            raise standing.Sanctioned(sanction, by.pk)


def _refuse(other: User, by: User, *, shares: bool) -> None:
    if other.is_guest and not settings.OBROLAN_GUESTS_DIRECT:
        raise Refusal("direct_guests")
    if other.pk in by.blocked:
        raise Refusal("direct_blocked", name=other)
    accepts = other.may_write == User.EVERYONE or (other.may_write == User.SHARED and shares)
    if not other.is_active or not accepts or by.pk in other.ignored:
        raise Refusal("direct_refused", name=other)


def _existing(key: str, by: User) -> Room | None:
    """Raises Refusal: removed, if a moderator removed `by` from it; banned."""
    room = Room.objects.existing().filter(direct_key=key).first()
    if room is not None and not Room.objects.visible_to(by).filter(pk=room.pk).exists():
        standing.refuse_barred(by, room.pk)
        raise Refusal("removed")
    return room


def _create(key: str, ids: Collection[int], by: User) -> Room:
    """Check again under the locks: settings and blocks are changed under the lock of their person."""
    by = User.objects.get(pk=by.pk)
    if not by.is_active:
        raise Refusal("deactivated")
    refuse_unless_reachable(ids, by)
    Room.objects.lock_creation()
    room = Room.objects.create(
        slug=f"d-{get_random_string(SLUG_LENGTH, SUFFIX)}",
        name=NAME,
        kind=Room.DIRECT,
        direct_key=key,
        mention_all=Room.EVERYONE,
        shows_joins=False,
        decisions=int(Rule.objects.filter(room=None).exists()),  # posts read no rules while it is 0
    )
    Membership.objects.bulk_create(Membership(room=room, user_id=id) for id in sorted(ids))
    events.publish_room(room)
    return room
