"""Permissions inside a room. A room that is not visible to a user (`RoomQuerySet.visible_to`) is a 404."""

from . import ranks
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
    """Whether the user may hide messages: the room's moderators and owners, and the site's moderators."""
    return ranks.may("hide", ranks.rank(user, membership))


def may_manage(user: User, membership: Membership | None) -> bool:
    """Whether the user may change the room's name, topic, kind and members: its owners, and the site's
    moderators.
    """
    return ranks.may("change_room", ranks.rank(user, membership))


def may_open_in_admin(user: User) -> bool:
    """Whether the admin shows messages to this user."""
    return user.is_staff and user.has_perm("chat.view_message")
