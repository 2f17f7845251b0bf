"""Queries of rooms: which ones a person may see, how the lobby lists them, and the lock for changes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from django.db import connection, models
from django.db.models import Case, Count, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce, Now

from chat import names

from . import advisory
from .counted import Counted
from .membership import Membership
from .message import Message
from .presence import Presence
from .room_modes import RoomModes
from .sanction import Sanction

if TYPE_CHECKING:
    from .user import User

Room = Any  # a `Room`, which imports this module

PUBLIC = "public"  # the kind of rooms that everybody may see
DIRECT = "direct"  # the kind of conversations that have people and no name
# NO KEY UPDATE: inserts of memberships and presence, which refer to the room, do not wait for this lock.
LOCK = (
    "SELECT *, statement_timestamp() AS now FROM chat_room WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"
)
UNREAD_COUNTED = 100  # messages counted at most; the page shows 99+


class RoomQuerySet(models.QuerySet[Room]):
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

    def listed_for(self, user: User) -> Self:
        """Annotate `last_at`, `people` (present now), and for members the unread messages and mentions, each
        at most UNREAD_COUNTED. In a direct conversation unread messages count as mentions, unless the user
        ignores all others. `notify` is the user's choice.
        """
        of_room = Q(room=OuterRef("pk"))
        last_read = Membership.objects.filter(room=OuterRef(OuterRef("pk")), user=user).values("last_read")
        unread = Message.objects.filter(of_room, seq__gt=Subquery(last_read)).order_by("seq")
        of_all = unread.filter(mentions_all=True, deleted_at=None).exclude(author__in=user.ignored)
        own = Membership.objects.filter(of_room, user=user)
        heard = Membership.objects.filter(of_room).exclude(user__in=[user.pk, *user.ignored])
        people = Presence.objects.fresh().filter(of_room).order_by().values("room")
        return self.annotate(
            last_at=Subquery(Message.objects.filter(of_room).order_by("-seq").values("created_at")[:1]),
            people=Coalesce(Subquery(people.annotate(n=Count("user", distinct=True)).values("n")), 0),
            unread=Counted(unread.values("pk")[:UNREAD_COUNTED]),
            mentions=Case(
                When(Q(kind=DIRECT) & ~Exists(heard), then=Value(0)),
                When(kind=DIRECT, then=Counted(unread.values("pk")[:UNREAD_COUNTED])),
                default=Coalesce(Subquery(own.values("mentions")), 0)
                + Counted(of_all.values("pk")[:UNREAD_COUNTED]),
            ),
            notify=Coalesce(Subquery(own.values("notify")), Value("")),
        )

    def in_lobby_order(self, user: User) -> Self:
        """The user's own rooms, then the others, then archived ones; each part by the latest message."""
        of_room = Q(room=OuterRef("pk"))
        latest = Message.objects.filter(of_room).order_by("-seq").values("created_at")[:1]
        rooms = self.annotate(
            mine=Exists(Membership.objects.filter(of_room, user=user)), latest=Subquery(latest)
        )
        archived = models.Q(archived_at__isnull=False)
        return rooms.order_by(
            models.ExpressionWrapper(archived, models.BooleanField()),
            "-mine",
            F("latest").desc(nulls_last=True),
            "name",
            "pk",
        )

    def by_activity(self) -> Self:
        """Rooms in use first."""
        archived = models.ExpressionWrapper(Q(archived_at__isnull=False), models.BooleanField())
        return self.order_by(archived, F("last_at").desc(nulls_last=True), "name")

    def lock(self, ids: Collection[int]) -> Sequence[Room]:
        """Lock rooms until the transaction ends. Each has the database's clock as `now`.

        Rooms are always locked in the same order, so transactions cannot deadlock. The query is plain SQL: to
        build it with the ORM took a sixth of the time that storing a message takes.
        """
        if connection.vendor == "postgresql":
            return list(self.raw(LOCK, [list(ids)]))
        return list(self.filter(pk__in=ids).annotate(now=Now()))  # SQLite locks the whole database

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
