"""A room, and the counter that orders everything in it."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from django.conf import settings
from django.db import connection, models
from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Now

from chat import names

from .membership import Membership
from .message import Message
from .presence import Presence

if TYPE_CHECKING:
    from .user import User

NAME_LENGTH = 60  # characters
TOPIC_LENGTH = 200  # characters
# NO KEY: others insert memberships and presence for these rooms meanwhile.
LOCK = (
    "SELECT *, statement_timestamp() AS now FROM chat_room WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"
)
UNREAD_COUNTED = 100  # more than this is shown as 99+: nobody waits for an exact count


class _Counted(Subquery):
    """How many rows a (limited) subquery has."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()


class RoomQuerySet(models.QuerySet["Room"]):
    def visible_to(self, user: User) -> Self:
        """Rooms this person may know of: all public ones, and the private ones they belong to."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        belongs = Membership.objects.filter(room=OuterRef("pk"), user=user)
        return self.filter(Q(kind=Room.PUBLIC) | Exists(belongs))

    def public(self) -> Self:
        return self.filter(kind=Room.PUBLIC)

    def named(self, name: str) -> Self:
        return self.filter(name_key=names.room_key(name))

    def at(self, slug: str, epoch: UUID | None = None) -> Room | None:
        """The room at this address: the one that has it now, else one that had it until it was made private.

        A former address may belong to another room by now. A client that has a room open says its `epoch`,
        which tells the two apart.
        """
        now = self.filter(slug=slug).first()
        if now is not None and epoch in (None, now.epoch):
            return now
        former = self.filter(former_slugs__slug=slug).order_by("-former_slugs__pk")
        if now is not None:
            return former.filter(epoch=epoch).first() or now
        return former.first()

    def listed_for(self, user: User) -> Self:
        """Each with `last_at`, `people` (here now) and `unread` (up to UNREAD_COUNTED; 0 for non-members)."""
        of_room = Q(room=OuterRef("pk"))
        last_read = Membership.objects.filter(room=OuterRef(OuterRef("pk")), user=user).values("last_read")
        unread = Message.objects.filter(of_room, seq__gt=Subquery(last_read)).order_by("seq")
        people = Presence.objects.fresh().filter(of_room).order_by().values("room")
        return self.annotate(
            last_at=Subquery(Message.objects.filter(of_room).order_by("-seq").values("created_at")[:1]),
            people=Coalesce(Subquery(people.annotate(n=Count("user", distinct=True)).values("n")), 0),
            unread=_Counted(unread.values("pk")[:UNREAD_COUNTED]),
        )

    def in_lobby_order(self, user: User) -> Self:
        """The user's own rooms first, then the others; within both the room of the latest message first."""
        of_room = Q(room=OuterRef("pk"))
        latest = Message.objects.filter(of_room).order_by("-seq").values("created_at")[:1]
        rooms = self.annotate(
            mine=Exists(Membership.objects.filter(of_room, user=user)), latest=Subquery(latest)
        )
        return rooms.order_by("-mine", F("latest").desc(nulls_last=True), "name", "pk")

    def by_activity(self) -> Self:
        return self.order_by(F("last_at").desc(nulls_last=True), "name")

    def lock(self, ids: Collection[int]) -> Sequence[Room]:
        """These rooms to the end of the transaction, each with the database's clock as `now`.

        In one order everywhere, so no two transactions deadlock. Plain SQL: that the ORM finds the same
        words anew each time was a sixth of what storing a message costs.
        """
        if connection.vendor == "postgresql":
            return list(self.raw(LOCK, [list(ids)]))
        return list(self.filter(pk__in=ids).annotate(now=Now()))  # its transactions are immediate


class RoomKey(models.CharField):
    """`names.room_key` of the room's name. Every insert and save computes it, `bulk_create` too."""

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        assert isinstance(model_instance, Room)
        model_instance.name_key = names.room_key(model_instance.name)
        return model_instance.name_key

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        """A plain column for migrations, which fill it themselves."""
        name, _, arguments, options = super().deconstruct()
        return name, "django.db.models.CharField", arguments, options


class Room(models.Model):
    PUBLIC, PRIVATE = "public", "private"

    slug = models.CharField(
        max_length=80,
        unique=True,
        help_text="The room's address. It changes only when a public room is made private.",
    )
    name = models.CharField(max_length=NAME_LENGTH)
    # Null: made by a process of an older version while an upgrade was under way.
    name_key = RoomKey(max_length=names.ROOM_KEY_LENGTH, null=True, editable=False)
    topic = models.CharField(max_length=TOPIC_LENGTH, blank=True)
    kind = models.CharField(max_length=7, choices={PUBLIC: "public", PRIVATE: "private"}, default=PUBLIC)
    head = models.BigIntegerField(default=0, editable=False, help_text="Number of the latest change.")
    epoch = models.UUIDField(default=uuid.uuid4, editable=False, help_text="Renewed after a restore.")
    created_at = models.DateTimeField(auto_now_add=True)
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, through="Membership", related_name="rooms")

    now: datetime  # by RoomQuerySet.lock
    last_at: datetime | None  # these three by RoomQuerySet.listed_for
    people: int
    unread: int

    objects = RoomQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["name_key"],
                condition=models.Q(kind="public"),
                name="public_room_names_are_unique",
                violation_error_message="There is already a public room with this name.",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_private(self) -> bool:
        return self.kind == self.PRIVATE
