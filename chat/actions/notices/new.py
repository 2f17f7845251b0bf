"""Find new messages, and mentions that edits added.

Neither a post nor an edit does anything for this. Messages are read by their ids, after the last id that was
looked at, and edits by the versions that they stored. Ids of several rooms can be committed out of order, so
the latest ones are looked at again, which changes nothing: `Notice` knows up to which number of a room its
member was told.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import timedelta
from itertools import takewhile
from typing import NamedTuple

from django.db import transaction
from django.db.models import BooleanField, ExpressionWrapper, Max, Model, Q, QuerySet
from django.db.models.functions import Now

from chat.mention_tokens import mentions_in
from chat.models import Message, NoticeCursor, Version
from chat.models.notice import CURSOR

from .noting import News, note

DELAY = timedelta(seconds=5)  # until then an open page has stored that a message was read
SETTLED = timedelta(seconds=30)  # after a message or an edit; all with lower ids are committed by then
TOO_OLD = timedelta(days=1)  # the worker was down
MAX_ROWS = 500  # in one look


class Look(NamedTuple):
    """The rows after a mark."""

    ids: list[int]  # of those that may be news, in their order
    mark: int | None  # from which the next look continues; None, if it stays
    is_full: bool  # more rows may follow


def look() -> bool:
    """Look at new messages and edits; returns whether more wait.

    While another process looks, it does nothing.
    """
    start()
    with transaction.atomic():
        cursor = NoticeCursor.lock(skip=True)
        if cursor is None or cursor.version is None:
            return False
        edits = rows_after(cursor.version, Version.objects.all(), "replaced_at")
        messages = rows_after(cursor.message, Message.objects.all(), "created_at")
        # Edited messages first: their numbers are lower, and members wait from the lowest on.
        note(list(edited(edits.ids)))
        note(new(messages.ids))
        marks = {"version": edits.mark, "message": messages.mark}
        if moved := {column: mark for column, mark in marks.items() if mark is not None}:
            NoticeCursor.objects.filter(pk=cursor.pk).update(**moved)
    return any(one.is_full and one.mark is not None for one in (edits, messages))


def start() -> None:
    """Nobody is told of the messages and edits that were there before the first look."""
    cursor = NoticeCursor.objects.filter(pk=CURSOR).first()
    if cursor is None:
        start = {"message": newest(Message), "version": newest(Version)}
        NoticeCursor.objects.get_or_create(pk=CURSOR, defaults=start)
    elif cursor.version is None:  # from the version of Obrolan that did not look at edits
        NoticeCursor.objects.filter(pk=CURSOR, version=None).update(version=newest(Version))


def newest(model: type[Model]) -> int:
    return model._default_manager.aggregate(newest=Max("pk"))["newest"] or 0


def rows_after(mark: int, rows: QuerySet, time: str) -> Look:
    """In the order of their ids, up to the first that is younger than DELAY."""
    ages = {"is_young": SETTLED, "is_new": TOO_OLD, "is_too_young": DELAY}
    younger = {name: younger_than(age, time) for name, age in ages.items()}
    found = rows.filter(pk__gt=mark).order_by("pk").annotate(**younger).values_list("pk", *younger)
    old_enough = list(takewhile(lambda row: not row[3], found[:MAX_ROWS]))
    settled = [pk for pk, is_young, *_ in old_enough if not is_young]
    ids = [pk for pk, _, is_new, _ in old_enough if is_new]
    return Look(ids, settled[-1] if settled else None, len(old_enough) == MAX_ROWS)


def younger_than(age: timedelta, time: str) -> ExpressionWrapper:
    return ExpressionWrapper(Q(**{f"{time}__gt": Now() - age}), BooleanField())


def new(ids: Collection[int]) -> list[News]:
    if not ids:
        return []
    rows = Message.objects.filter(pk__in_array=ids).order_by("pk")
    return [News(*row) for row in rows.values_list("pk", "room", "seq", "author", "mentions_all")]


def edited(versions: Collection[int]) -> Iterator[News]:
    """The messages that mention more people now than before the first of these edits."""
    if not versions:
        return
    of_message = ("pk", "room", "seq", "author", "mentions_all", "mentions")
    rows = Version.objects.filter(pk__in_array=versions, message__deleted_at=None).order_by("pk")
    seen: set[int] = set()
    for html, *message, mentions in rows.values_list("html", *(f"message__{name}" for name in of_message)):
        before = mentions_in(html)
        news = News(*message)._replace(before=before)
        is_for_all = news.mentions_all and not before.everyone
        if news.id not in seen and (is_for_all or {*mentions} - {*before.user_ids}):
            yield news
        seen.add(news.id)
