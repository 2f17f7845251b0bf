"""Note in `Notice` which members are to be told of messages.

A row that waits already stays as it is, so in a busy room a message costs nothing for members who have not
been told of the one before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db.models import Q
from django.db.models.functions import Now

from chat.mention_tokens import Mentions
from chat.models import Membership, Mention, Notice, Room

from .reach import reachable

BATCH = 1_000  # rows in one statement


class News(NamedTuple):
    """A message that may be a reason to tell members. `before` are its mentions before an edit; None, if the
    message itself is new.
    """

    id: int
    room: int
    seq: int
    author: int
    mentions_all: bool
    before: Mentions | None = None


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


def note(news: Sequence[News]) -> None:
    """Write a row of `Notice` for each member who is to be told and does not wait already."""
    if not news:
        return
    by_room: defaultdict[int, list[News]] = defaultdict(list)
    for message in news:
        by_room[message.room].append(message)
    mentions = Mention.objects.filter(message__in_array=[message.id for message in news])
    named = set(mentions.values_list("room", "user", "seq"))
    rows = []
    for member in candidates(by_room, {user for _, user, _ in named}, news):
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


def candidates(by_room: Collection[int], named: Collection[int], news: Iterable[News]) -> Iterator[Candidate]:
    """The members of these rooms who can be reached, and may be mentioned or have the level all."""
    to_all = {message.room for message in news if message.mentions_all}
    with_new = {message.room for message in news if message.before is None}
    every_message = Q(notify=Membership.ALL) | Q(notify="", room__kind=Room.DIRECT)
    members = Membership.objects.filter(room__in_array=by_room).exclude(notify=Membership.NOTHING)
    all_new = every_message & Q(room__in_array=with_new)
    concerned = members.filter(all_new | Q(user__in_array=named) | Q(room__in_array=to_all))
    columns = (
        "pk", "room", "user", "notify", "room__kind", "last_read", "user__ignored",
        "notice__pushed", "notice__push_since", "notice__mailed", "notice__mail_since",
        "has_push", "has_mail",
    )  # fmt: skip
    rows = reachable(concerned).order_by().values_list(*columns)
    return (Candidate(*row) for row in rows.iterator(BATCH))


def concerns(message: News, member: Candidate, named: Collection[tuple[int, int, int]]) -> bool:
    if message.seq <= member.last_read or message.author in (member.user, *member.ignored):
        return False
    level = Membership.level_of(member.notify, is_direct=member.kind == Room.DIRECT)
    is_mention = message.mentions_all or (member.room, member.user, message.seq) in named
    if message.before is None:
        return is_mention or level == Membership.ALL
    was_mentioned = message.before.everyone or member.user in message.before.user_ids
    return is_mention and not was_mentioned and level == Membership.MENTIONS


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
