"""Rooms. `Room.head` is the counter that orders the room's messages and changes."""

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
# NO KEY UPDATE: inserts of memberships and presence, which refer to the room, do not wait for this lock.
LOCK = (
    "SELECT *, statement_timestamp() AS now FROM chat_room WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"
)
UNREAD_COUNTED = 100  # messages counted at most; the page shows 99+


class _Counted(Subquery):
    """The number of rows of a subquery, which may have a limit."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()


class RoomQuerySet(models.QuerySet["Room"]):
    def visible_to(self, user: User) -> Self:
        """Rooms that the user may see: all public rooms, and the private rooms of which they are a member."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        belongs = Membership.objects.filter(room=OuterRef("pk"), user=user)
        return self.filter(Q(kind=Room.PUBLIC) | Exists(belongs))

    def with_state(self) -> Self:
        """Load what `frames.room_state` shows, the head and the epoch. No times: they are slow to read."""
        return self.only("slug", "name", "topic", "kind", "mention_all", "shows_joins", "head", "epoch")

    def public(self) -> Self:
        return self.filter(kind=Room.PUBLIC)

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
        at most UNREAD_COUNTED.
        """
        of_room = Q(room=OuterRef("pk"))
        last_read = Membership.objects.filter(room=OuterRef(OuterRef("pk")), user=user).values("last_read")
        unread = Message.objects.filter(of_room, seq__gt=Subquery(last_read)).order_by("seq")
        of_all = unread.filter(mentions_all=True, deleted_at=None).exclude(author__in=user.ignored)
        own = Membership.objects.filter(of_room, user=user).values("mentions")
        people = Presence.objects.fresh().filter(of_room).order_by().values("room")
        return self.annotate(
            last_at=Subquery(Message.objects.filter(of_room).order_by("-seq").values("created_at")[:1]),
            people=Coalesce(Subquery(people.annotate(n=Count("user", distinct=True)).values("n")), 0),
            unread=_Counted(unread.values("pk")[:UNREAD_COUNTED]),
            mentions=Coalesce(Subquery(own), 0) + _Counted(of_all.values("pk")[:UNREAD_COUNTED]),
        )

    def in_lobby_order(self, user: User) -> Self:
        """The user's own rooms, then the others; each part ordered by the latest message."""
        of_room = Q(room=OuterRef("pk"))
        latest = Message.objects.filter(of_room).order_by("-seq").values("created_at")[:1]
        rooms = self.annotate(
            mine=Exists(Membership.objects.filter(of_room, user=user)), latest=Subquery(latest)
        )
        return rooms.order_by("-mine", F("latest").desc(nulls_last=True), "name", "pk")

    def by_activity(self) -> Self:
        return self.order_by(F("last_at").desc(nulls_last=True), "name")

    def lock(self, ids: Collection[int]) -> Sequence[Room]:
        """Lock rooms until the transaction ends. Each has the database's clock as `now`.

        Rooms are always locked in the same order, so transactions cannot deadlock. The query is plain SQL: to
        build it with the ORM took a sixth of the time that storing a message takes.
        """
        if connection.vendor == "postgresql":
            return list(self.raw(LOCK, [list(ids)]))
        return list(self.filter(pk__in=ids).annotate(now=Now()))  # SQLite locks the whole database


class RoomKey(models.CharField):
    """The `names.room_key` of the room's name, computed on each insert and save, also by `bulk_create`."""

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        assert isinstance(model_instance, Room)
        model_instance.name_key = names.room_key(model_instance.name)
        return model_instance.name_key

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        """Migrations see a plain column and fill it themselves."""
        name, _, arguments, options = super().deconstruct()
        return name, "django.db.models.CharField", arguments, options


class Room(models.Model):
    PUBLIC, PRIVATE = "public", "private"
    EVERYONE, MODERATORS, NOBODY = "everyone", "moderators", "nobody"

    slug = models.CharField(
        max_length=80,
        unique=True,
        help_text="The room's address. It changes only when a public room is made private.",
    )
    name = models.CharField(max_length=NAME_LENGTH)
    # Null for a room that a process of an older version created during an upgrade.
    name_key = RoomKey(max_length=names.ROOM_KEY_LENGTH, null=True, editable=False)
    topic = models.CharField(max_length=TOPIC_LENGTH, blank=True)
    kind = models.CharField(max_length=7, choices={PUBLIC: "public", PRIVATE: "private"}, default=PUBLIC)
    mention_all = models.CharField(
        "@all",
        max_length=10,
        choices={EVERYONE: "everyone", MODERATORS: "moderators and owners", NOBODY: "nobody"},
        default=MODERATORS,
        db_default=MODERATORS,
        help_text="Who can mention all members at once.",
    )
    shows_joins = models.BooleanField(
        "joins and leaves",
        default=True,
        db_default=True,
        help_text="Show a line when somebody joins or leaves.",
    )
    head = models.BigIntegerField(default=0, editable=False, help_text="Number of the latest change.")
    epoch = models.UUIDField(default=uuid.uuid4, editable=False, help_text="Renewed after a restore.")
    created_at = models.DateTimeField(auto_now_add=True)
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, through="Membership", related_name="rooms")

    now: datetime  # set by RoomQuerySet.lock
    last_at: datetime | None  # this and the next three are set by RoomQuerySet.listed_for
    people: int
    unread: int
    mentions: int

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
