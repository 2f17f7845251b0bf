"""A message, with the number of its creation (`seq`) and of its latest change (`rev`)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import accumulate
from typing import Self

import msgspec
from django.conf import settings
from django.db import connection, models

APPEND = """
    INSERT INTO chat_message ({0})
    SELECT {0} FROM jsonb_populate_recordset(NULL::chat_message, %s) RETURNING id
"""


class MessageQuerySet(models.QuerySet["Message"]):
    def with_author(self) -> Self:
        return self.select_related("author")

    def changed_since(self, cursor: int) -> Self:
        """The messages that changed after `cursor`, oldest change first."""
        return self.filter(rev__gt=cursor).order_by("rev").with_author()

    def with_head(self) -> Self:
        """Annotate each with its room's `head`. One statement reads both, so rows and head are consistent."""
        return self.annotate(head=models.F("room__head"))

    def before(self, seq: int | None, limit: int) -> Sequence[Message]:
        """The `limit` messages before `seq` (None: the latest), oldest first."""
        earlier = self if seq is None else self.filter(seq__lt=seq)
        return list(earlier.order_by("-seq").with_author()[:limit])[::-1]

    def after(self, seq: int, limit: int) -> Sequence[Message]:
        return list(self.filter(seq__gt=seq).order_by("seq").with_author()[:limit])

    def before_within(self, seq: int | None, limit: int, size: int) -> tuple[list[Message], bool]:
        """`before`, limited to `size` bytes of text and HTML, and whether there are earlier messages."""
        earlier = self if seq is None else self.filter(seq__lt=seq)
        seqs, more = fitting(earlier.order_by("-seq"), limit, size)
        return self._between(seqs[-1:], seqs[:1]), more

    def after_within(self, seq: int, limit: int, size: int) -> tuple[list[Message], bool]:
        """`after`, limited to `size` bytes of text and HTML, and whether there are later messages."""
        seqs, more = fitting(self.filter(seq__gt=seq).order_by("seq"), limit, size)
        return self._between(seqs[:1], seqs[-1:]), more

    def _between(self, first: list[int], last: list[int]) -> list[Message]:
        if not first:
            return []
        return list(self.filter(seq__gte=first[0], seq__lte=last[0]).order_by("seq").with_author())

    def around(self, seq: int, limit: int) -> Sequence[Message]:
        """About half of `limit` before `seq`, and the rest from `seq` on."""
        return [*self.before(seq, limit // 2), *self.after(seq - 1, limit - limit // 2)]

    def append(self, messages: Sequence[Message]) -> None:
        """Insert new messages with all their columns.

        On PostgreSQL all rows are one JSON parameter, which takes 10 µs per row; `bulk_create` takes 70.
        Defaults come from the model, not from the database.
        """
        if connection.vendor != "postgresql":
            self.bulk_create(messages)  # type: ignore[arg-type]  # the queryset is declared before Message
            return
        columns = stored_columns()
        rows = [{column: message.__dict__[name] for column, name in columns} for message in messages]
        names = ", ".join(column for column, _ in columns)
        with connection.cursor() as cursor:
            cursor.execute(APPEND.format(names), [msgspec.json.encode(rows).decode()])
            for message, (pk,) in zip(messages, cursor.fetchall(), strict=True):
                message.pk = pk
                message._state.adding = False


class Bytes(models.Func):
    """The length of a text in bytes. PostgreSQL knows it without reading the text."""

    function = "OCTET_LENGTH"
    output_field = models.IntegerField()

    def as_sqlite(self, compiler, connection, **context):
        return self.as_sql(compiler, connection, template="LENGTH(CAST(%(expressions)s AS BLOB))", **context)


def fitting(messages: MessageQuerySet, limit: int, size: int) -> tuple[list[int], bool]:
    """The seqs of the first messages, within `limit` and `size` bytes, and whether more follow.

    At least one message is included. Sizes are read before the messages, since a hundred long messages take
    megabytes.
    """
    rows = list(messages.values_list("seq", Bytes("text") + Bytes("html"))[: limit + 1])
    totals = accumulate(size for _, size in rows)
    fit = [seq for (seq, _), total in zip(rows, totals, strict=True) if total <= size][:limit]
    fit = fit or [seq for seq, _ in rows[:1]][:limit]
    return fit, len(rows) > len(fit)


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
    reply_to = models.BigIntegerField(null=True, blank=True, help_text="seq of the message answered.")
    reactions = models.JSONField(
        default=dict, editable=False, help_text="Emoji → the ids of the users who reacted with it."
    )
    created_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    deleted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    head: int  # set by MessageQuerySet.with_head

    objects = MessageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["room", "seq"], name="one_message_per_number"),
            models.UniqueConstraint(fields=["author", "client_id"], name="one_message_per_client_id"),
        ]
        indexes = [
            models.Index(fields=["room", "rev"], name="changed_since"),
            models.Index(fields=["created_at"], name="messages_by_date"),  # the admin's list
            models.Index(fields=["created_at"], name="hidden_messages", condition=~models.Q(deleted_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.author}: {self.text[:60]}"


@cache
def stored_columns() -> list[tuple[str, str]]:
    """Each column except the primary key, with the name of the model's attribute."""
    fields = [field for field in Message._meta.concrete_fields if not field.primary_key]
    return [(str(field.column), field.attname) for field in fields]
