"""Enter rooms, add and remove members, and change their roles."""

from collections.abc import Collection

from django.db import transaction

from chat import events, permissions
from chat.models import Membership, Room, User
from chat.refusals import Refusal


def enter(room: Room, user: User) -> Membership:
    """Return the user's membership. The first visit to a public room creates it. Raises Refusal: no_room."""
    if room.is_private:
        membership = Membership.objects.filter(room=room, user=user).first()
        if membership is None:
            raise Refusal("no_room")
        return membership
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
    """Add a member, or change the role of one. Raises Refusal: no_room, not_your_room, last_owner."""
    with transaction.atomic():
        room = lock_room(room)
        require_manager(room, by)
        if role != Membership.OWNER:
            _require_other_owner(room, user)
        membership, _ = Membership.objects.update_or_create(
            room=room,
            user=user,
            defaults={"role": role},
            create_defaults={"role": role, "last_read": room.head},
        )
        events.revoke(user.pk)
    return membership


def remove(room: Room, user: User, *, by: User) -> None:
    """Remove a member. Everybody may remove themselves. Closes the user's sockets in a private room.

    Raises Refusal: no_room, not_your_room, last_owner.
    """
    with transaction.atomic():
        User.objects.filter(pk=user.pk).touch()
        room = lock_room(room)
        if by.pk != user.pk:
            require_manager(room, by)
        _require_other_owner(room, user)
        Membership.objects.filter(room=room, user=user).delete()
        events.revoke(user.pk)


def remove_all(memberships: Collection[Membership], *, by: User) -> None:
    """Remove several members. Raises what `remove` raises, and then removes none.

    Users are locked before rooms, and each in the order of their ids, so that no two removals deadlock.
    """
    users = {membership.user_id for membership in memberships}
    with transaction.atomic():
        list(User.objects.select_for_update(no_key=True).filter(pk__in=users).order_by("pk").values("pk"))
        for membership in sorted(memberships, key=lambda each: each.room_id):
            remove(membership.room, membership.user, by=by)


def lock_room(room: Room) -> Room:
    """Lock the room's row for this transaction. Changes of roles and of the kind happen one at a time."""
    locked = Room.objects.lock([room.pk])
    if not locked:
        raise Refusal("no_room")
    return locked[0]


def require_manager(room: Room, by: User) -> None:
    if not permissions.may_manage(by, Membership.objects.filter(room=room, user=by).first()):
        raise Refusal("not_your_room")


def _require_other_owner(room: Room, user: User) -> None:
    """Refuse to remove or demote the last owner. Owners with a deactivated account do not count."""
    owners = room.memberships.filter(role=Membership.OWNER)
    active = dict(owners.values_list("user", "user__is_active"))
    if user.pk in active and not any(is_active for id, is_active in active.items() if id != user.pk):
        raise Refusal("last_owner")
