"""Find new messages, and note in `Notice` which members are to be told of them.

A post does nothing for this. Messages are read by their ids, after the last id that was looked at. Ids of
several rooms can be committed out of order, so the latest ones are looked at again, which changes nothing:
`Notice` knows up to which number of a room its member was told. A row that waits already stays as it is, so
in a busy room a message costs nothing for members who have not been told of the one before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import BooleanField, ExpressionWrapper, Max, Q
from django.db.models.functions import Now

from chat.models import Membership, Mention, Message, Notice, NoticeCursor, Room
from chat.models.notice import CURSOR

from .reach import reachable

DELAY = timedelta(seconds=5)  # after a message; until then an open page has stored that it was read
SETTLED = timedelta(seconds=30)  # after a message; all messages with lower ids are committed by then
TOO_OLD = timedelta(days=1)  # the worker was down
MAX_MESSAGES = 500  # in one look
BATCH = 1_000  # rows in one statement


class New(NamedTuple):
    id: int
    room: int
    seq: int
    author: int
    mentions_all: bool
    is_young: bool
    is_new: bool  # not TOO_OLD


class Candidate(NamedTuple):
    """A member who may have to be told, with their row of `Notice`, if there is one."""

    membership: int
    room: int
    user: int
    notify: str
    kind: str
    last_read: int
    ignored: list[int]
    pushed: int | None
    push_since: datetime | None
    mailed: int | None
    mail_since: datetime | None
    has_push: bool
    has_mail: bool


def look() -> bool:
    """Look at the new messages; returns whether more wait. While another process looks, it does nothing."""
    if not NoticeCursor.objects.exists():
        start()
    with transaction.atomic():
        cursor = NoticeCursor.lock(skip=True)
        new = new_messages(cursor.message) if cursor else []
        if not cursor or not new:
            return False
        note([message for message in new if message.is_new])
        settled = [message.id for message in new if not message.is_young]
        if settled:
            NoticeCursor.objects.filter(pk=cursor.pk).update(message=settled[-1])
    return len(new) == MAX_MESSAGES and bool(settled)


def start() -> None:
    """Nobody is told of the messages that were there before the first look."""
    newest = Message.objects.aggregate(newest=Max("pk"))["newest"] or 0
    NoticeCursor.objects.get_or_create(pk=CURSOR, defaults={"message": newest})


def new_messages(cursor: int) -> Sequence[New]:
    """In the order of their ids, up to the first that is younger than DELAY."""
    columns = ("pk", "room", "seq", "author", "mentions_all", "is_young", "is_new", "is_too_young")
    ages = {"is_young": SETTLED, "is_new": TOO_OLD, "is_too_young": DELAY}
    younger = {name: younger_than(age) for name, age in ages.items()}
    rows = Message.objects.filter(pk__gt=cursor).order_by("pk").annotate(**younger).values_list(*columns)
    found: list[New] = []
    for *row, is_too_young in rows[:MAX_MESSAGES]:
        if is_too_young:
            break
        found.append(New(*row))
    return found


def younger_than(age: timedelta) -> ExpressionWrapper:
    return ExpressionWrapper(Q(created_at__gt=Now() - age), BooleanField())


def note(new: Sequence[New]) -> None:
    """Write a row of `Notice` for each member who is to be told and does not wait already."""
    by_room: defaultdict[int, list[New]] = defaultdict(list)
    for message in new:
        by_room[message.room].append(message)
    mentions = Mention.objects.filter(message__in_array=[message.id for message in new])
    named = set(mentions.values_list("room", "user", "seq"))
    rows = []
    for member in candidates(by_room, {user for _, user, _ in named}, new):
        seqs = [message.seq for message in by_room[member.room] if concerns(message, member, named)]
        if row := notice_for(member, seqs):
            rows.append(row)
    for start in range(0, len(rows), BATCH):
        Notice.objects.bulk_create(
            rows[start : start + BATCH],
            update_conflicts=True,
            unique_fields=["membership"],
            update_fields=["pushed", "push_since", "mailed", "mail_since"],
        )


def candidates(by_room: Collection[int], named: Collection[int], new: Iterable[New]) -> Iterator[Candidate]:
    """The members of these rooms who can be reached and have the level all, or may be mentioned."""
    to_all = {message.room for message in new if message.mentions_all}
    every_message = Q(notify=Membership.ALL) | Q(notify="", room__kind=Room.DIRECT)
    members = Membership.objects.filter(room__in_array=by_room).exclude(notify=Membership.NOTHING)
    concerned = members.filter(every_message | Q(user__in_array=named) | Q(room__in_array=to_all))
    columns = (
        "pk", "room", "user", "notify", "room__kind", "last_read", "user__ignored",
        "notice__pushed", "notice__push_since", "notice__mailed", "notice__mail_since",
        "has_push", "has_mail",
    )  # fmt: skip
    rows = reachable(concerned).order_by().values_list(*columns)
    return (Candidate(*row) for row in rows.iterator(BATCH))


def concerns(message: New, member: Candidate, named: Collection[tuple[int, int, int]]) -> bool:
    if message.seq <= member.last_read or message.author in (member.user, *member.ignored):
        return False
    level = Membership.level_of(member.notify, is_direct=member.kind == Room.DIRECT)
    is_mention = message.mentions_all or (member.room, member.user, message.seq) in named
    return is_mention or level == Membership.ALL


def notice_for(member: Candidate, seqs: Sequence[int]) -> Notice | None:
    """The row to write, or None if the member does not have to be told, or waits already."""
    if not seqs:
        return None
    pushed, mailed = (seqs[0] - 1 if mark is None else mark for mark in (member.pushed, member.mailed))
    to_push = [seq for seq in seqs if seq > pushed]
    to_mail = [seq for seq in seqs if seq > mailed]
    pushes = member.has_push and member.push_since is None and bool(to_push)
    mails = member.has_mail and member.mail_since is None and bool(to_mail)
    if not pushes and not mails:
        return None
    return Notice(
        membership_id=member.membership,
        pushed=to_push[0] - 1 if pushes else pushed,
        push_since=Now() if pushes else member.push_since,
        mailed=to_mail[0] - 1 if mails else mailed,
        mail_since=Now() if mails else member.mail_since,
    )
