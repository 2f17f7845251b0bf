"""Held messages: they wait until a moderator approves or refuses them, or their author withdraws them."""

from __future__ import annotations

from chat.models import HeldMessage, Message, Room, User
from chat.models.held_message import HeldMessageQuerySet


def waiting_in(room: Room) -> HeldMessageQuerySet:
    """The messages that wait in this room, oldest first, for its moderators."""
    return HeldMessage.objects.waiting().filter(room=room).select_related("author").order_by("pk")


def waiting_of(author: User, room: Room) -> HeldMessageQuerySet:
    """The author's own messages that wait in this room, and the refused ones whose answer they have not read."""
    return HeldMessage.objects.filter(room=room, author=author, told_at=None, approved=False).order_by("pk")


def approve(held: HeldMessage, *, by: User) -> Message:
    """Post a held message now, as a message of its author.

    Raises Refusal: not_allowed; already_decided, with who decided what; author_sanctioned, if the author was
    muted or banned meanwhile; no_room; unavailable.
    """
    raise NotImplementedError


def refuse(held: HeldMessage, *, by: User, answer: str = "") -> HeldMessage:
    """Refuse a held message. Its author is told `answer`. Raises Refusal: not_allowed, already_decided,
    too_long, characters.
    """
    raise NotImplementedError


def withdraw(held: HeldMessage, *, by: User) -> HeldMessage:
    """The author withdraws a message that waits, or has read why it was refused.

    Raises Refusal: not_yours; already_decided, if it was approved.
    """
    raise NotImplementedError
