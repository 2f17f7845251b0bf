"""Queries of rooms: which ones a person may see, and the lock for changes. See also `room_lists`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now

from chat import names

from . import advisory
from .membership import Membership
from .room_lists import DIRECT, RoomLists
from .room_lists import UNREAD_COUNTED as UNREAD_COUNTED
from .room_modes import RoomModes
from .sanction import Sanction

if TYPE_CHECKING:
    from .user import User

Room = Any  # a `Room`, which imports this module

PUBLIC = "public"  # the kind of rooms that everybody may see
# NO KEY UPDATE: inserts of memberships and presence, which refer to the room, do not wait for this lock.
LOCK = """
    SELECT {0}, statement_timestamp() FROM chat_room WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE
"""
SET_HEADS = """
    UPDATE chat_room SET head = new.head FROM unnest(%s::bigint[], %s::bigint[]) AS new(id, head)
    WHERE chat_room.id = new.id
"""


class RoomQuerySet(RoomLists):
    def visible_to(self, user: User) -> Self:
        """Rooms that the user may see: all public rooms, and the private rooms of which they are a member,
        without those from which they are banned or removed.
        Deleted rooms are visible to nobody; administrators restore them in the admin.
        """
        if not user.is_authenticated or not user.is_active:
            return self.none()
        belongs = Membership.objects.filter(room=OuterRef("pk"), user=user)
        rooms = self.filter(Q(kind=PUBLIC) | Exists(belongs), deleted_at=None)
        if not user.is_sanctioned:
            return rooms
        barring = Sanction.objects.in_force().of([user]).barring()
        return rooms.exclude(Exists(barring.filter(Q(room=None) | Q(room=OuterRef("pk")))))

    def with_state(self) -> Self:
        """Load what `frames.room_state` shows, and the numbers. No times that are always set: they are slow
        to read.
        """
        shown = ("slug", "name", "topic", "kind", "mention_all", "shows_joins", *RoomModes.SHOWN)
        return self.only(*shown, "head", "epoch", "decisions")

    def existing(self) -> Self:
        """Without deleted rooms."""
        return self.filter(deleted_at=None)

    def public(self) -> Self:
        return self.filter(kind=PUBLIC, deleted_at=None)

    def rooms(self) -> Self:
        """Without direct conversations."""
        return self.exclude(kind=DIRECT)

    def direct(self) -> Self:
        return self.filter(kind=DIRECT)

    def named(self, name: str) -> Self:
        return self.filter(name_key=names.room_key(name))

    def at(self, slug: str, epoch: UUID | None = None) -> Room | None:
        """The room with this slug, else the one that had it until it was made private.

        A former slug may belong to another room by now. A client that has a room open sends its `epoch`,
        which distinguishes the two.
        """
        now = self.filter(slug=slug).first()
        if now is not None and epoch in (None, now.epoch):
            return now
        former = self.filter(former_slugs__slug=slug).order_by("-former_slugs__pk")
        if now is not None:
            return former.filter(epoch=epoch).first() or now
        return former.first()

    def lock(self, ids: Collection[int]) -> Sequence[Room]:
        """Lock rooms until the transaction ends. Each has the database's clock as `now`.

        Rooms are always locked in the same order, so transactions cannot deadlock. The query is plain SQL: to
        build it with the ORM took a sixth of the time that storing a message takes.
        """
        if connection.vendor != "postgresql":
            return list(self.filter(pk__in=ids).annotate(now=Now()))  # SQLite locks the whole database
        fields = self.model._meta.concrete_fields
        names = [field.attname for field in fields]
        rooms = []
        with connection.cursor() as cursor:
            cursor.execute(LOCK.format(", ".join(str(field.column) for field in fields)), [list(ids)])
            for *values, now in cursor.fetchall():
                rooms.append(self.model.from_db(self.db, names, values))
                rooms[-1].now = now
        return rooms

    def set_heads(self, heads: Mapping[int, int]) -> None:
        """Store `Room.head` of locked rooms. One statement for any number of rooms on PostgreSQL."""
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute(SET_HEADS, [list(heads), list(heads.values())])
            else:
                changes = [(head, id) for id, head in heads.items()]
                cursor.executemany("UPDATE chat_room SET head = %s WHERE id = %s", changes)

    def lock_creation(self) -> None:
        """Call this before a room is created. Otherwise a decision for all rooms would miss the new one."""
        advisory.lock(advisory.ROOMS, shared=True)

    def decide(self, room_id: int | None) -> None:
        """Count a decision on who may write in this room, or with None in every room.

        It locks them until the transaction ends, in the order of `lock`. No room is created meanwhile.
        """
        if room_id is None:
            advisory.lock(advisory.ROOMS, shared=False)
        rooms = self.all() if room_id is None else self.filter(pk=room_id)
        locked = rooms.order_by("pk").select_for_update(no_key=True).values("pk")
        self.filter(pk__in=locked).update(decisions=F("decisions") + 1)
