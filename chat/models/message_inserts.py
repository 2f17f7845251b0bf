"""The insert of new messages, many at once. It is the most frequent write, so it avoids what Django adds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import msgspec
from django.db import connection, models

Message = Any  # a `Message`, whose module imports this one

APPEND = """
    INSERT INTO chat_message ({0})
    SELECT {0} FROM jsonb_populate_recordset(NULL::chat_message, %s) RETURNING id
"""


class MessageInserts(models.QuerySet[Message]):
    def new(self, *, room: Any, author: Any, **columns: Any) -> Message:
        """A message for `append`. The model's constructor returns the same, but takes 13 µs instead of 7."""
        by_name = defaults(self.model)  # type: ignore[arg-type]  # a class is hashable
        values = [columns[name] if name in columns else default() for name, default in by_name.items()]
        message = self.model.from_db(self.db, by_name, values)  # type: ignore[arg-type]  # the names
        message._state.adding = True
        message.room, message.author = room, author
        return message

    def append(self, messages: Sequence[Message]) -> None:
        """Insert new messages with all their columns.

        On PostgreSQL all rows are one JSON parameter, which takes 10 µs per row; `bulk_create` takes 70.
        Defaults come from the model, not from the database.
        """
        if connection.vendor != "postgresql":
            self.bulk_create(messages)  # type: ignore[arg-type]  # the queryset is declared before Message
            return
        columns = stored_columns(self.model)  # type: ignore[arg-type]  # a class is hashable
        rows = [{column: message.__dict__[name] for column, name in columns} for message in messages]
        names = ", ".join(column for column, _ in columns)
        with connection.cursor() as cursor:
            cursor.execute(APPEND.format(names), [msgspec.json.encode(rows).decode()])
            for message, (pk,) in zip(messages, cursor.fetchall(), strict=True):
                message.pk = pk
                message._state.adding = False


@cache
def defaults(model: type[models.Model]) -> dict[str, Callable[[], Any]]:
    """Each attribute of a column → a function that returns its default."""
    return {one.attname: one.get_default for one in model._meta.concrete_fields}


@cache
def stored_columns(model: type[models.Model]) -> list[tuple[str, str]]:
    """Each column except the primary key, with the name of the model's attribute."""
    return [(str(one.column), one.attname) for one in model._meta.concrete_fields if not one.primary_key]
