"""The one place that moves `Room.head`.

Every visible change takes its room's next number under the lock of the room's row, held to COMMIT. So the
order of commits is the order of numbers, and no reader ever sees n + 1 before n (design §3).
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import cast

from django.db import connection, transaction

from chat import events, permissions
from chat.models import Membership, Message, Room, User
from chat.refusals import Refusal


class Numbering:
    """The locked rooms of one transaction, the people who act in them, and the messages they changed."""

    def __init__(self, rooms: Collection[Room], users: Collection[User], memberships: Collection[Membership]):
        self._rooms = {room.pk: room for room in rooms}
        self._users = {user.pk: user for user in users}
        self._memberships = {(member.room_id, member.user_id): member for member in memberships}
        self.now = cast(datetime, next((room.now for room in rooms), None))
        self.changed: list[Message] = []
        self._taken: set[int] = set()  # by identity: an unsaved message has nothing else

    def reach(
        self, room_id: int, user_id: int, moderating: bool = False
    ) -> tuple[Room, User, Membership | None]:
        """A room and who acts in it. Raises Refusal: no_room, the same for none and for none of theirs.

        Who moderates all rooms reaches private ones too, to hide and restore: the admin shows them.
        """
        room, user = self._rooms.get(room_id), self._users.get(user_id)
        membership = self._memberships.get((room_id, user_id))
        if room is None or user is None:
            raise Refusal("no_room")
        moderates = moderating and permissions.may_moderate(user, membership)
        if not moderates and not permissions.may_see(user, room, membership):
            raise Refusal("no_room")
        return room, user, membership

    def take(self, message: Message) -> bool:
        """Give a changed message its room's next number. False when it already has one of this transaction:
        what happens to it between two commits is one change to everybody else."""
        if id(message) in self._taken:
            return False
        self._taken.add(id(message))
        room = self._rooms[message.room_id]
        room.head += 1
        message.rev = room.head
        self.changed.append(message)
        return True

    def finish(self) -> None:
        """Store the heads, in one statement, and tell the readers once all is committed."""
        changed = defaultdict(list)
        for message in self.changed:
            changed[message.room_id].append(message)
        heads = [(self._rooms[room_id].head, room_id) for room_id in changed]
        with connection.cursor() as cursor:  # `bulk_update` takes longer to write its CASE than to run it
            cursor.executemany("UPDATE chat_room SET head = %s WHERE id = %s", heads)
        for room_id, messages in changed.items():
            events.publish_changes(self._rooms[room_id], messages)


@contextmanager
def numbering(
    actors: Collection[tuple[int, int]], *, known: Collection[User] = (), with_roles: bool
) -> Iterator[Numbering]:
    """One transaction in which these people, (room id, user id), change messages of these rooms.

    People who are `known` are not read again. Who belongs to a room as what is read only where it matters:
    private rooms, or `with_roles`.
    """
    room_ids, user_ids = {room for room, _ in actors}, {user for _, user in actors}
    with transaction.atomic():
        rooms = Room.objects.lock(room_ids)
        users = {user.pk: user for user in known}
        if unknown := user_ids - users.keys():
            users |= User.objects.in_bulk(unknown)
        memberships: Collection[Membership] = ()
        if with_roles or any(room.is_private for room in rooms):
            memberships = list(Membership.objects.filter(room__in=room_ids, user__in=user_ids))
        numbers = Numbering(rooms, users.values(), memberships)
        yield numbers
        if numbers.changed:
            numbers.finish()
