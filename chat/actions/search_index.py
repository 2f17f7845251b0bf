"""Write the words of all messages again (`Message.search_text`), from which the index follows. Remove words
that no message has from the list of PostgreSQL: nothing else does.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec
from django.db import connection, transaction
from django.db.models import Max, Min

from chat.models import Message, advisory
from chat.search import schema
from chat.search.words import search_text

AT_ONCE = 500  # messages in one transaction, during which their rooms are locked; words to look up
READ = ("pk", "room_id", "text", "html", "mentions", "mentions_all", "deleted_at", "search_text")
LOCK = "SELECT id FROM chat_room WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"
UPDATE = {
    "postgresql": """
        UPDATE chat_message SET search_text = written.words
        FROM jsonb_to_recordset(%s::jsonb) AS written (id bigint, words text)
        WHERE chat_message.id = written.id
    """,
    "sqlite": """
        UPDATE chat_message SET search_text = written.value ->> 'words'
        FROM json_each(%s) AS written WHERE chat_message.id = written.value ->> 'id'
    """,
}


class Progress(NamedTuple):
    done: float  # between 0 and 1
    messages: int
    changed: int


def rebuild(model: Any = Message) -> Iterator[Progress]:
    """Write the words of all messages, oldest first, in parts. New messages have theirs already.

    `model`: that of a migration. It has the columns of READ, and maybe not the later ones.
    """
    ends = model.objects.aggregate(first=Min("pk"), last=Max("pk"))
    first, last = ends["first"] or 0, ends["last"] or 0
    after, messages, changed = first - 1, 0, 0
    while ids := list(_after(model, after).values_list("pk", flat=True)[:AT_ONCE]):
        changed += _rewrite(model, ids)
        after, messages = ids[-1], messages + len(ids)
        yield Progress(min(1.0, (after - first + 1) / (last - first + 1)), messages, changed)


def _after(model: Any, pk: int) -> Any:
    return model.objects.filter(pk__gt=pk).order_by("pk")


def _rewrite(model: Any, ids: list[int]) -> int:
    """The lock of the rooms decides between this and an edit. Returns the number of words that changed."""
    with transaction.atomic():
        rows = model.objects.filter(pk__in=ids)
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(LOCK, [sorted({*rows.values_list("room", flat=True)})])
        found = {row.pk: (row.search_text, search_text(row)) for row in rows.only(*READ[1:])}
        changed = {pk: new for pk, (old, new) in found.items() if old != new}
        if connection.vendor == "sqlite":  # triggers remove and add them, also those that were never added
            _write(dict.fromkeys(found, ""))
            _write({pk: new for pk, (_, new) in found.items()})
        else:
            _write(changed)
            advisory.lock(advisory.SEARCH_WORDS, shared=True)
            with connection.cursor() as cursor:
                cursor.execute(schema.LEARN_AGAIN, [ids])
    return len(changed)


def _write(words: dict[int, str]) -> None:
    rows = [{"id": pk, "words": each} for pk, each in words.items()]
    with connection.cursor() as cursor:
        cursor.execute(UPDATE[connection.vendor], [msgspec.json.encode(rows).decode()])


def forget_words() -> int:
    """Remove words that no message has any more, in parts. Returns their number. SQLite has no list.

    Unused words are looked for without a lock, and once more under it, so posts wait for a short look-up.
    """
    if connection.vendor != "postgresql":
        return 0
    removed, after = 0, ""
    while some := _words_after(after):
        if unused := [word for word, is_unused in some if is_unused]:
            with transaction.atomic(), connection.cursor() as cursor:
                advisory.lock(advisory.SEARCH_WORDS, shared=False)
                cursor.execute(schema.USE_INDEX)
                cursor.execute(schema.FORGET, [unused])
                removed += cursor.rowcount
        after = some[-1][0]
    return removed


def _words_after(word: str) -> list[tuple[str, bool]]:
    """The next words of the list, and whether no message has each."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(schema.MERGE_PENDING)
        cursor.execute(schema.USE_INDEX)
        cursor.execute(schema.SOME_WORDS, [word, AT_ONCE])
        return sorted(cursor.fetchall())
