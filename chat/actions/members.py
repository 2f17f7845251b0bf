"""Enter rooms, add and remove members, and change their roles."""

from collections.abc import Collection

from django.db import transaction
from django.db.models import Q

from chat import events, permissions, standing
from chat.models import Membership, Room, Sanction, User
from chat.refusals import Refusal

from . import audit
from .ending import end_removals


def enter(room: Room, user: User) -> Membership:
    """Return the user's membership. The first visit to a public room creates it, unless only members can
    write there: then visitors read, and their membership is not stored.

    Raises Refusal: no_room; banned, removed.
    """
    standing.refuse_barred(user, room.pk)
    if room.is_private or room.posters == Room.MEMBERS:
        membership = Membership.objects.filter(room=room, user=user).first()
        if membership is None and room.is_private:
            raise Refusal("no_room")
        return membership or Membership(room=room, user=user, last_read=room.head)
    membership, is_new = Membership.objects.get_or_create(
        room=room, user=user, defaults={"last_read": room.head}
    )
    # `room` may have become private since it was read. A check after the insert needs no lock.
    if is_new and not Room.objects.public().filter(pk=room.pk).exists():
        with transaction.atomic():
            User.objects.filter(pk=user.pk).touch()
            membership.delete()
        raise Refusal("no_room")
    return membership


def add(room: Room, user: User, role: str = Membership.MEMBER, *, by: User) -> Membership:
    """Add a member, or change the role of one. It lifts a removal of this person from the room.

    Raises Refusal: no_room, direct_only, not_your_room, last_owner.
    """
    with transaction.atomic():
        User.objects.lock([user.pk], for_deletion=False)  # before the room: see `authority`
        room = lock_room(room)
        require_manager(room, by)
        if role != Membership.OWNER:
            _require_other_owner(room, user)
        before = _role(room, user)
        membership, _ = Membership.objects.update_or_create(
            room=room,
            user=user,
            defaults={"role": role},
            create_defaults={"role": role, "last_read": room.head},
        )
        events.revoke(user.pk)
        decisions = end_removals(room, user, by=by)
        if role != before:
            decisions.append(_decision(room, user, by, before, role))
        audit.record(decisions)
    return membership


def remove(room: Room, user: User, *, by: User, abandons: bool = False) -> None:
    """Remove a member. Everybody may remove themselves. Closes the user's sockets in a private room.

    With `abandons` the last owner may leave too, and the room goes on without one. Site moderators see it in
    the admin.
    Raises Refusal: no_room, direct_only, not_your_room, last_owner.
    """
    with transaction.atomic():
        User.objects.filter(pk=user.pk).touch()
        room = lock_room(room)
        is_own = by.pk == user.pk
        if not is_own:
            require_manager(room, by)
        before = _role(room, user)
        abandons = abandons and is_own and before == Membership.OWNER
        if not abandons:
            _require_other_owner(room, user)
        Membership.objects.filter(room=room, user=user).delete()
        events.revoke(user.pk)
        if before and (abandons or not is_own):
            audit.record([_decision(room, user, by, before, None)])


def remove_all(memberships: Collection[Membership], *, by: User) -> None:
    """Remove several members. Raises what `remove` raises, and then removes none.

    Users are locked before rooms, and each in the order of their ids, so that no two removals deadlock.
    """
    users = {membership.user_id for membership in memberships}
    with audit.together():
        User.objects.lock(users, for_deletion=False)
        for membership in sorted(memberships, key=lambda each: each.room_id):
            remove(membership.room, membership.user, by=by)


def lock_room(room: Room) -> Room:
    """Lock the room's row for this transaction. Changes of roles and of the kind happen one at a time.

    Raises Refusal: no_room; direct_only, for a direct conversation, whose people and settings never change.
    """
    locked = Room.objects.lock([room.pk])
    if not locked or locked[0].deleted_at:
        raise Refusal("no_room")
    if locked[0].is_direct:
        raise Refusal("direct_only")
    return locked[0]


def require_manager(room: Room, by: User) -> None:
    if not permissions.may_manage(by, Membership.objects.filter(room=room, user=by).first()):
        raise Refusal("not_your_room")


def _require_other_owner(room: Room, user: User) -> None:
    """Refuse to remove or demote the last owner. Owners who are deactivated, banned or removed do not count:
    they could not open the room.
    """
    owners = room.memberships.filter(role=Membership.OWNER)
    active = dict(owners.values_list("user", "user__is_active"))
    others = {id for id, is_active in active.items() if is_active and id != user.pk}
    bars = Sanction.objects.in_force().filter(Q(room=None) | Q(room=room), kind__in=standing.BARRING)
    barred = bars.filter(person__in=others).values_list("person", flat=True)
    if user.pk in active and not others.difference(barred):
        raise Refusal("last_owner")


def _role(room: Room, user: User) -> str | None:
    return Membership.objects.filter(room=room, user=user).values_list("role", flat=True).first()


def _decision(room: Room, user: User, by: User, before: str | None, after: str | None) -> audit.Decision:
    """A change of roles. None: not a member."""
    return audit.Decision("change_members", by, user, room, details={"before": before, "after": after})
