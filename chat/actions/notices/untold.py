"""Read the messages that people are told of: the unread ones that concern them now. Messages that they have
read meanwhile, deleted ones, and rooms that they muted, left or are barred from, are left out.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q

from chat import frames, standing
from chat.models import Membership, Mention, Message, User
from chat.models.message_queries import MessageQuerySet

MAX_COUNT = 100  # messages of a room that are counted


class Untold(NamedTuple):
    """The news of one room for one member. `messages` are the newest ones, oldest first."""

    membership: Membership
    total: int  # of the messages, at most MAX_COUNT
    messages: Sequence[frames.MessageState]

    @property
    def newest(self) -> int:
        return self.messages[-1].seq


class Told(NamedTuple):
    """Up to which message a member was told. `seq` is None, if there was nothing to tell."""

    membership_id: int
    seq: int | None


def untold(channel: str, users: Collection[int], most: int) -> tuple[dict[int, list[Untold]], list[Told]]:
    """The news for each of these users, by id, with at most the latest `most` messages of a room; and the
    members who wait although there is nothing to tell them.
    """
    waiting = Membership.objects.filter(user__in_array=users, **{f"notice__{channel}_since__isnull": False})
    members = list(waiting.select_related("user", "room", "notice").order_by("user", "pk"))
    sanctions = standing.in_force({member.user for member in members})
    found: dict[int, list[Untold]] = {}
    nothing = []
    for member in members:
        after = member.notice.pushed if channel == "push" else member.notice.mailed
        unread = messages_for(member, after)
        is_barred = standing.barring(sanctions.get(member.user_id, ()), member.room_id)
        total = 0 if is_barred else unread[:MAX_COUNT].count()
        if not total:
            nothing.append(Told(member.pk, None))
            continue
        latest = list(unread.order_by("-seq").with_state()[:most])[::-1]
        if latest:  # else it was read just now: the next round sees it
            states = [frames.message(row) for row in latest]
            found.setdefault(member.user_id, []).append(Untold(member, total, states))
    return found, nothing


def messages_for(member: Membership, after: int) -> MessageQuerySet:
    """The unread messages after a number that notify this member."""
    unread = max(after, member.last_read)
    messages = Message.objects.filter(room=member.room_id, seq__gt=unread, deleted_at=None)
    user: User = member.user
    if member.level == Membership.NOTHING or not user.is_active or member.room.deleted_at:
        return messages.none()
    messages = messages.exclude(author__in=[user.pk, *user.ignored])
    if member.level == Membership.ALL:
        return messages
    by_name = Exists(Mention.objects.filter(message=OuterRef("pk"), user=user.pk))
    return messages.filter(Q(mentions_all=True) | by_name)
