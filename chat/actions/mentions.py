"""Mentions: who they may reach, and the rows and counts that follow from a message."""

import json
from collections.abc import Collection, Sequence

from django.db import connection

from chat.models import Membership, Mention, Message, User

MENTIONED = 50  # members that one message can mention; further ones are shown as an unknown person

# Members are locked in the order of their ids, as in `actions.reading`, so that the two never deadlock. The
# count is a statement of its own: it must see the mentions that others committed while this one waited.
LOCK = "SELECT id FROM chat_membership WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"
COUNT = """
    UPDATE chat_membership SET mentions = (
        SELECT COUNT(*) FROM chat_mention named WHERE named.room_id = chat_membership.room_id
            AND named.user_id = chat_membership.user_id AND named.seq > chat_membership.last_read
    ) WHERE id {0}
"""


def members(room_ids: Collection[int], user_ids: Collection[int]) -> dict[tuple[int, int], User]:
    """The members of these rooms among these users, by room id and user id."""
    found = Membership.objects.filter(room__in=room_ids, user__in_array=user_ids).select_related("user")
    return {(membership.room_id, membership.user_id): membership.user for membership in found}


def set_mentions(message: Message, people: Sequence[User], *, everyone: bool) -> None:
    """Set the columns of a message, and what `save_rows` and the broadcast need."""
    people = people[:MENTIONED]
    message.mentions_are_stale = bool(message.mentions or people)
    message.mentions = [user.pk for user in people]
    message.mentions_all = everyone
    message.mention_names = json.dumps({user.pk: user.name for user in people}) if people else None
    message.notified = [user.pk for user in people if notifies(message.author_id, user)]


def notifies(author_id: int, user: User) -> bool:
    return user.pk != author_id and author_id not in user.ignored


def save_rows(messages: Sequence[Message]) -> None:
    """Write the rows of `Mention` for these new and changed messages, and count the unread ones again.

    Takes no query for messages without mentions.
    """
    concerned = [message for message in messages if message.mentions_are_stale]
    if not concerned:
        return
    old = Mention.objects.filter(message__in=concerned)
    affected = set(old.values_list("room", "user"))
    old.delete()
    rows = [
        Mention(message=message, room_id=message.room_id, user_id=user_id, seq=message.seq)
        for message in concerned
        if message.deleted_at is None
        for user_id in notified_by(message)
    ]
    Mention.objects.bulk_create(rows)
    count_again(affected | {(row.room_id, row.user_id) for row in rows})


def notified_by(message: Message) -> list[int]:
    if message.notified is None:  # restored: its mentions were not looked up in this transaction
        users = User.objects.filter(pk__in=message.mentions)
        message.notified = [user.pk for user in users if notifies(message.author_id, user)]
    return message.notified


def count_again(affected: Collection[tuple[int, int]]) -> None:
    """Count the unread mentions of these members, (room id, user id), again."""
    if not affected:
        return
    users = {user for _, user in affected}
    found = Membership.objects.filter(room__in={room for room, _ in affected}, user__in=users)
    ids = sorted(pk for pk, room, user in found.values_list("pk", "room", "user") if (room, user) in affected)
    if not ids:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(LOCK, [ids])
            cursor.execute(COUNT.format("= ANY(%s)"), [ids])
        else:
            cursor.execute(COUNT.format("IN (SELECT value FROM json_each(%s))"), [json.dumps(ids)])
