"""An owner hands a room over to another member."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet

from chat import events, ranks, standing
from chat.models import Membership, Room, User
from chat.refusals import Refusal

from . import audit, authority


def hand_over(room: Room, person: User, *, by: User) -> None:
    """Make a member an owner in place of `by`, who becomes a moderator.

    The locks on both people and on the room decide between two owners, and a member who leaves meanwhile.
    Raises Refusal: not_yourself, no_room, not_your_room, no_person, guest_owner; banned, removed, also if
    the person is kept out of the room.
    """
    if person.pk == by.pk:
        raise Refusal("not_yourself")
    with transaction.atomic():
        parties = authority.lock(person.pk, by, room.pk, decides=False)
        assert parties.room and parties.person
        room, person = parties.room, parties.person
        if room.deleted_at:
            raise Refusal("no_room")
        standing.refuse_barred(parties.by, room.pk)
        roles = authority.roles(room, [person.pk, by.pk])
        own, theirs = roles.get(by.pk), roles.get(person.pk)
        if own is None or own.role != Membership.OWNER:
            raise Refusal("not_your_room")
        ranks.require("hand_over", ranks.rank(parties.by, own))
        _refuse_unfit(room, person, theirs)
        room.memberships.filter(user__in=[person, by]).lock()
        Membership.objects.filter(room=room, user=person).update(role=Membership.OWNER)
        Membership.objects.filter(room=room, user=by).update(role=Membership.MODERATOR)
        for one in (person, by):
            events.revoke(one.pk)
        audit.record([audit.Decision("hand_over", parties.by, person, room)])


def candidates(room: Room) -> QuerySet[Membership]:
    """The members who can own the room: active accounts."""
    return room.memberships.filter(user__is_guest=False, user__is_active=True)


def _refuse_unfit(room: Room, person: User, membership: Membership | None) -> None:
    if membership is None or not person.is_active:
        raise Refusal("no_person")
    if person.is_guest:
        raise Refusal("guest_owner")
    if standing.barring(standing.in_force([person]).get(person.pk, ()), room.pk):
        raise Refusal("no_person")
