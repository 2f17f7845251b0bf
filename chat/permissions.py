"""Permissions inside a room. A room that is not visible to a user (`RoomQuerySet.visible_to`) is a 404."""

from .models import Membership, Message, Room, User


def may_see(user: User, room: Room, membership: Membership | None) -> bool:
    return user.is_active and room.deleted_at is None and (room.kind == Room.PUBLIC or membership is not None)


def may_rewrite(user: User, message: Message) -> bool:
    """Only the author edits a message. Moderators hide it instead."""
    return message.author_id == user.pk


def may_hide(user: User, message: Message, membership: Membership | None) -> bool:
    return message.author_id == user.pk or may_moderate(user, membership)


def may_restore(user: User, message: Message, membership: Membership | None) -> bool:
    """Moderators restore every message, authors what they deleted themselves."""
    was_hidden = message.deleted_at is not None and message.deleted_by_id != user.pk
    return (message.author_id == user.pk and not was_hidden) or may_moderate(user, membership)


def may_mention_all(user: User, room: Room, membership: Membership | None) -> bool:
    if room.mention_all == Room.MODERATORS:
        return may_moderate(user, membership)
    return room.mention_all == Room.EVERYONE


def may_moderate(user: User, membership: Membership | None) -> bool:
    """Whether the user may hide messages: the room's owners and moderators, and staff who may change messages
    in the admin.
    """
    if membership is not None and membership.role in (Membership.MODERATOR, Membership.OWNER):
        return True
    return user.is_staff and user.has_perm("chat.change_message")


def may_manage(user: User, membership: Membership | None) -> bool:
    """Whether the user may change the room's name, topic, kind and members: its owners, and staff who may
    change rooms in the admin.
    """
    if membership is not None and membership.role == Membership.OWNER:
        return True
    return user.is_staff and user.has_perm("chat.change_room")


def may_open_in_admin(user: User) -> bool:
    """Whether the admin shows messages to this user."""
    return user.is_staff and any(map(user.has_perm, ("chat.view_message", "chat.change_message")))
