"""A message, with the number of its creation (`seq`) and of its latest change (`rev`)."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from .message_queries import MessageQuerySet

# The default in the database, for processes of an older version during an upgrade.
NO_IDS = models.Value([], models.JSONField())


class Message(models.Model):
    room = models.ForeignKey("chat.Room", on_delete=models.CASCADE, related_name="messages")
    seq = models.BigIntegerField(editable=False, help_text="Room.head when it was posted.")
    rev = models.BigIntegerField(editable=False, help_text="Room.head at its latest change.")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="messages", db_index=False
    )
    client_id = models.UUIDField(editable=False, help_text="The sender's idempotency key.")
    text = models.TextField()
    html = models.TextField(editable=False, help_text="`text`, rendered when it was written.")
    html_version = models.SmallIntegerField(editable=False, help_text="chat.text.VERSION that made `html`.")
    search_text = models.TextField(  # noqa: DJ001  # null: a process of an older version wrote the message
        null=True, editable=False, help_text="Its words, by `chat.search`. Null until they are known."
    )
    reply_to = models.BigIntegerField(null=True, blank=True, help_text="seq of the message answered.")
    original: models.ForeignObject = models.ForeignObject(  # the message that `reply_to` names
        "self",
        on_delete=models.DO_NOTHING,
        from_fields=["room", "reply_to"],
        to_fields=["room", "seq"],
        related_name="+",
        null=True,
        editable=False,
    )
    mentions = models.JSONField(
        default=list, db_default=NO_IDS, editable=False, help_text="Ids of the mentioned members."
    )
    mentions_all = models.BooleanField(
        default=False, db_default=False, editable=False, help_text="Mentions every member."
    )
    reactions = models.JSONField(
        default=dict, editable=False, help_text="Emoji → the ids of the users who reacted with it."
    )
    reaction_order = models.JSONField(
        default=list,
        db_default=NO_IDS,
        editable=False,
        help_text="Emoji in the order of their first use, which PostgreSQL would not keep.",
    )
    created_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    deleted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    pinned_at = models.DateTimeField(null=True, blank=True, editable=False)

    head: int  # set by MessageQuerySet.with_head
    mention_names: str | None = None  # this and the next are set by MessageQuerySet.with_state
    quoted_names: str | None = None
    notified: list[int] | None = None  # this and the next are used by actions.mentions
    mentions_are_stale = False  # its rows of `Mention` must be written again

    objects = MessageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["room", "seq"], name="one_message_per_number"),
            models.UniqueConstraint(fields=["author", "client_id"], name="one_message_per_client_id"),
        ]
        indexes = [
            models.Index(fields=["room", "rev"], name="changed_since"),
            models.Index(fields=["author", "room", "created_at"], name="messages_by_author"),  # slow mode
            models.Index(fields=["author", "id"], name="messages_of_person"),  # in the admin
            models.Index(fields=["created_at"], name="messages_by_date"),  # the admin's list
            models.Index(
                fields=["room", "created_at"], name="shown_messages", condition=models.Q(deleted_at=None)
            ),
            models.Index(fields=["created_at"], name="hidden_messages", condition=~models.Q(deleted_at=None)),
            models.Index(
                fields=["deleted_at"],
                name="messages_to_purge",
                condition=~models.Q(deleted_at=None) & ~models.Q(text=""),
            ),
            models.Index(
                fields=["room", "pinned_at"], name="pinned_messages", condition=~models.Q(pinned_at=None)
            ),
            models.Index(
                fields=["room", "seq"], name="mentions_of_all", condition=models.Q(mentions_all=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.author}: {self.text[:60]}"

    def ordered_reactions(self) -> dict[str, list[int]]:
        """`reactions` in the order in which the emoji were first used."""
        known = {emoji: self.reactions[emoji] for emoji in self.reaction_order if emoji in self.reactions}
        return known | self.reactions

    @property
    def is_purged(self) -> bool:
        """Whether only the tombstone is left: the text was removed for good (`actions.purging`)."""
        return self.deleted_at is not None and not self.text
