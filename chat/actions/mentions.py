"""Mentions: who they may reach, and the rows and counts that follow from a message."""

import json
from collections.abc import Collection, Sequence

from django.db import connection

from chat.models import Membership, Mention, Message, User
from chat.models.membership import NOW
from chat.models.room import UNREAD_COUNTED

# Members are locked in the order of their ids, as in `actions.reading`, so that the two never deadlock. The
# count is a statement of its own: it must see the mentions that others committed while this one waited.
# Without the limit each mention of a member who never reads would take longer than the one before.
LOCK = "SELECT id FROM chat_membership WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"
COUNT = """
    UPDATE chat_membership SET mentions = (
        SELECT COUNT(*) FROM (
            SELECT 1 FROM chat_mention named WHERE named.room_id = chat_membership.room_id
                AND named.user_id = chat_membership.user_id AND named.seq > chat_membership.last_read
            LIMIT {1}
        ) counted
    ), changed_at = {2} WHERE id {0}
"""


def members(room_ids: Collection[int], user_ids: Collection[int]) -> dict[tuple[int, int], User]:
    """The members of these rooms among these users, by room id and user id."""
    found = Membership.objects.filter(room__in_array=room_ids, user__in_array=user_ids).select_related("user")
    return {(membership.room_id, membership.user_id): membership.user for membership in found}


def set_mentions(message: Message, people: Sequence[User], *, everyone: bool) -> None:
    """Set the columns of a message, and what `save_rows` and the broadcast need."""
    message.mentions_are_stale |= bool(message.mentions or people)
    message.mentions = [user.pk for user in people]
    message.mentions_all = everyone
    message.mention_names = json.dumps({user.pk: user.name for user in people}) if people else None
    message.notified = [user.pk for user in people if notifies(message.author_id, user)]


def notifies(author_id: int, user: User) -> bool:
    return user.pk != author_id and author_id not in user.ignored


def save_rows(new: Sequence[Message], changed: Sequence[Message]) -> None:
    """Write the rows of `Mention` for these messages, and count the unread ones again.

    Takes no query for messages without mentions.
    """
    changed = [message for message in changed if message.mentions_are_stale]
    concerned = [message for message in new if message.mentions_are_stale] + changed
    if not concerned:
        return
    affected: set[tuple[int, int]] = set()
    if changed:
        old = Mention.objects.filter(message__in=changed)
        affected |= set(old.values_list("room", "user"))
        old.delete()
        look_up_notified(changed)
    rows = [
        Mention(message=message, room_id=message.room_id, user_id=user_id, seq=message.seq)
        for message in concerned
        if message.deleted_at is None
        for user_id in message.notified or ()
    ]
    Mention.objects.bulk_create(rows)
    count_again(affected | {(row.room_id, row.user_id) for row in rows})


def look_up_notified(changed: Sequence[Message]) -> None:
    """Set `notified` of restored messages, in one query: their mentions were not loaded before."""
    restored = [message for message in changed if message.notified is None and message.deleted_at is None]
    if not restored:
        return
    found = members(
        {message.room_id for message in restored}, {id for message in restored for id in message.mentions}
    )
    for message in restored:
        users = (found.get((message.room_id, id)) for id in message.mentions)
        message.notified = [user.pk for user in users if user and notifies(message.author_id, user)]


def count_again(affected: Collection[tuple[int, int]]) -> None:
    """Count the unread mentions of these members, (room id, user id), again."""
    if not affected:
        return
    rooms, users = {room for room, _ in affected}, {user for _, user in affected}
    found = Membership.objects.filter(room__in_array=rooms, user__in_array=users)
    ids = sorted(pk for pk, room, user in found.values_list("pk", "room", "user") if (room, user) in affected)
    if not ids:
        return
    now = NOW[connection.vendor]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(LOCK, [ids])
            cursor.execute(COUNT.format("= ANY(%s)", UNREAD_COUNTED, now), [ids])
        else:
            among = "IN (SELECT value FROM json_each(%s))"
            cursor.execute(COUNT.format(among, UNREAD_COUNTED, now), [json.dumps(ids)])
