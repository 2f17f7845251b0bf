"""Rooms. `Room.head` is the counter that orders the room's messages and changes."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models

from chat import names

from . import room_queries
from .room_modes import RoomModes
from .room_queries import RoomQuerySet

NAME_LENGTH = 60  # characters
TOPIC_LENGTH = 200  # characters
DIRECT_KEY_LENGTH = 200  # characters; ten ids of 19 digits


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


class Room(RoomModes):
    PUBLIC, PRIVATE, DIRECT = room_queries.PUBLIC, "private", "direct"
    MODERATORS, NOBODY = "moderators", "nobody"  # and EVERYONE

    slug = models.CharField(
        max_length=80,
        unique=True,
        help_text="The room's address. It changes only when a public room is made private.",
    )
    name = models.CharField(max_length=NAME_LENGTH)
    # Null for a room that a process of an older version created during an upgrade.
    name_key = RoomKey(max_length=names.ROOM_KEY_LENGTH, null=True, editable=False)
    topic = models.CharField(max_length=TOPIC_LENGTH, blank=True)
    kind = models.CharField(
        max_length=7, choices={PUBLIC: "public", PRIVATE: "private", DIRECT: "direct"}, default=PUBLIC
    )
    mention_all = models.CharField(
        "@all",
        max_length=10,
        choices={RoomModes.EVERYONE: "everyone", MODERATORS: "moderators and owners", NOBODY: "nobody"},
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
    # Null in all other rooms: two nulls are not equal.
    direct_key = models.CharField(  # noqa: DJ001
        max_length=DIRECT_KEY_LENGTH,
        null=True,
        editable=False,
        help_text="Of a direct conversation: the sorted ids of its people.",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, through="Membership", related_name="rooms")

    now: datetime  # set by RoomQuerySet.lock
    last_at: datetime | None  # this and the next seven are set by RoomLists.listed_for
    people: int
    unread: int
    mentions: int
    mine: bool
    notify: str
    favourite: bool
    position: int
    preview: str | None  # set by RoomLists.with_preview
    last: Any = None  # what the lobby shows of it, a `frames.Last`
    shown_title = ""  # of a direct conversation, for one reader; set by `titles.entitle`

    objects = RoomQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["name_key"],
                condition=models.Q(kind="public", deleted_at=None),
                name="public_room_names_are_unique",
                violation_error_message="There is already a public room with this name.",
            ),
            models.UniqueConstraint(
                fields=["direct_key"],
                condition=models.Q(deleted_at=None),
                name="one_conversation_of_the_same_people",
                violation_error_message="These people already have a conversation.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def title(self) -> str:
        """The name that a reader sees."""
        return self.shown_title or self.name

    @property
    def is_private(self) -> bool:
        """Whether only members see it. Direct conversations are private too."""
        return self.kind != self.PUBLIC

    @property
    def has_lock(self) -> bool:
        """Whether a lock is shown beside its name."""
        return self.kind == self.PRIVATE

    @property
    def is_direct(self) -> bool:
        return self.kind == self.DIRECT

    @property
    def is_muted(self) -> bool:
        """By the person for whom it is listed."""
        return self.notify == "nothing"
