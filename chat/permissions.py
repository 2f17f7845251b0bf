"""Who may do what. Reach comes first: what is not `visible_to` you does not exist for you."""

from .models import Membership, Message, Room, User


def may_see(user: User, room: Room, membership: Membership | None) -> bool:
    return user.is_active and (room.kind == Room.PUBLIC or membership is not None)


def may_rewrite(user: User, message: Message) -> bool:
    """Words belong to who said them: nobody else edits them, moderators included."""
    return message.author_id == user.pk


def may_hide(user: User, message: Message, membership: Membership | None) -> bool:
    return message.author_id == user.pk or may_moderate(user, membership)


def may_moderate(user: User, membership: Membership | None) -> bool:
    """In this room: its owner and moderators, and whoever moderates all rooms in the admin."""
    if membership is not None and membership.role in (Membership.MODERATOR, Membership.OWNER):
        return True
    return user.is_staff and user.has_perm("chat.change_message")


def may_manage(user: User, membership: Membership | None) -> bool:
    """Rename a room, change its topic, let people in and out."""
    if membership is not None and membership.role == Membership.OWNER:
        return True
    return user.is_staff and user.has_perm("chat.change_room")
