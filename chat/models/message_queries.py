"""Queries for messages: pages of a room, and changes since a cursor."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Any, Self

from django.db import models

from .message_inserts import MessageInserts

Message = Any  # a `Message`, which imports this module

SHOWN = (  # of the author, and of the message that a reply quotes
    "author__name",
    "author__is_guest",
    "author__picture",
    "original__seq",
    "original__text",
    "original__mentions",
    "original__deleted_at",
    "original__deleted_by",
    "original__author__name",
    "original__author__is_guest",
)


class MessageQuerySet(MessageInserts):
    def with_state(self) -> Self:
        """Load everything that `frames.message` shows: the author, the quoted message, and mentioned names.

        One query. A message without a reply or a mention costs one index lookup more than its own row.
        """
        fields = (field.name for field in self.model._meta.concrete_fields if field.name != "search_text")
        return (
            self.select_related("author", "original__author")
            .only(*fields, *SHOWN)
            .annotate(mention_names=MentionNames("mentions"), quoted_names=MentionNames("original__mentions"))
        )

    def changed_since(self, cursor: int) -> Self:
        """The messages that changed after `cursor`, oldest change first."""
        return self.filter(rev__gt=cursor).order_by("rev").with_state()

    def with_head(self) -> Self:
        """Annotate each with its room's `head`. One statement reads both, so rows and head are consistent."""
        return self.annotate(head=models.F("room__head"))

    def pinned(self) -> Self:
        return self.filter(pinned_at__isnull=False, deleted_at=None).order_by("-pinned_at", "-seq")

    def before(self, seq: int | None, limit: int) -> Sequence[Message]:
        """The `limit` messages before `seq` (None: the latest), oldest first."""
        earlier = self if seq is None else self.filter(seq__lt=seq)
        return list(earlier.order_by("-seq").with_state()[:limit])[::-1]

    def after(self, seq: int, limit: int) -> Sequence[Message]:
        return list(self.filter(seq__gt=seq).order_by("seq").with_state()[:limit])

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
        return list(self.filter(seq__gte=first[0], seq__lte=last[0]).order_by("seq").with_state())

    def around(self, seq: int, limit: int) -> Sequence[Message]:
        """About half of `limit` before `seq`, and the rest from `seq` on."""
        return [*self.before(seq, limit // 2), *self.after(seq - 1, limit - limit // 2)]


class Bytes(models.Func):
    """The length of a text in bytes. PostgreSQL knows it without reading the text."""

    function = "OCTET_LENGTH"
    output_field = models.IntegerField()

    def as_sqlite(self, compiler, connection, **context):
        return self.as_sql(compiler, connection, template="LENGTH(CAST(%(expressions)s AS BLOB))", **context)


class JsonLength(models.Func):
    """The number of elements of a JSON list."""

    function = "json_array_length"
    output_field = models.IntegerField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, function="jsonb_array_length", **context)


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


class MentionNames(models.Func):
    """The current display names of the ids in a JSON list: `{"7": "Ayu"}` as JSON text, or null for none.

    On PostgreSQL the ids are an array, as it reads all users for a subquery.
    """

    output_field = models.TextField()
    template = (
        "CASE WHEN %(expressions)s IS NULL OR %(expressions)s = '[]' THEN NULL ELSE (SELECT"
        " json_group_object(named.id, named.name) FROM chat_user named"
        " WHERE named.id IN (SELECT value FROM json_each(%(expressions)s))) END"
    )

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = (
            "CASE WHEN %(expressions)s IS NULL OR %(expressions)s = '[]'::jsonb THEN NULL ELSE (SELECT"
            " json_object_agg(named.id, named.name)::text FROM chat_user named WHERE named.id = ANY(ARRAY("
            "SELECT value::bigint FROM jsonb_array_elements_text(%(expressions)s)))) END"
        )
        return self.as_sql(compiler, connection, template=template, **context)
