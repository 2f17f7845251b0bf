"""The queries of a lobby snapshot: at most nine for any number of rooms and users. Two of them are for
direct conversations.

Marks are read of users for whom they have changed, so a user with an idle socket costs nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import timedelta
from time import monotonic

import msgspec
from django.db.models import Case, OuterRef, Q, Subquery, TextField, When
from django.db.models.functions import Cast, Now

from chat import frames, standing
from chat.models import FormerSlug, Membership, Message, Room, Sanction, User
from chat.models.json_list import JsonArray, JsonList, JsonObject
from chat.models.previews import preview_of
from chat.models.room_queries import UNREAD_COUNTED

from .lobby_counts import count_people
from .lobby_members import read_members
from .lobby_room import NO_MESSAGES, Latest, LobbyRoom, RoomRow
from .lobby_snapshot import NEWEST_ROOMS, Snapshot, Watched
from .marks import NONE, Marks

COMMITTED_WITHIN = 3.0  # seconds after the time of a change; later ones are found by LobbyFeed's sweep
DAY = 86_400.0  # seconds
COLUMNS = ("id", "ignored", "is_sanctioned", "is_guest", "entry_ip")  # of a user

decode_ids = msgspec.json.Decoder(list[int]).decode


def read_snapshot(watched: Watched, before: Snapshot) -> Snapshot:
    """Runs in a thread. Unchanged rooms are taken over from `before`, the last snapshot."""
    read_at = monotonic()
    rows = read_rows(watched)
    former = read_former_slugs(watched, rows)
    people = count_people(rows, watched, before)
    changed = [id for id, row in rows.items() if row.head and row.head != head_of(before, id)]
    latest = read_latest(changed) if changed else {}
    members = read_members(rows, before, seconds_since(before, read_at))
    rooms = {}
    for id, row in rows.items():
        old, count, names = before.rooms.get(id), people[id], members.get(id)
        if old and old.row == row and old.people == count and old.members == names:
            rooms[id] = old
        elif id in latest:
            rooms[id] = LobbyRoom(row, count, latest[id], names)
        else:
            rooms[id] = LobbyRoom(row, count, old.latest if old else NO_MESSAGES, names)
    # Marks are read last: a message that was read at once is never counted.
    due = set(watched.due)
    if before.marks:  # else all users are due
        due |= read_changed_users(seconds_since(before, read_at)).intersection(watched.users)
    marks = read_marks(watched, due, before)
    return Snapshot(rooms, sorted(rows)[-NEWEST_ROOMS:], marks, former, read_at)


def seconds_since(before: Snapshot, read_at: float) -> float:
    """A bit longer than since the last snapshot: a change is committed after the time that it bears."""
    return min(read_at - before.read_at, DAY) + COMMITTED_WITHIN


def head_of(snapshot: Snapshot, room_id: int) -> int:
    room = snapshot.rooms.get(room_id)
    return room.row.head if room else 0


def read_rows(watched: Watched) -> dict[int, RoomRow]:
    newest = Room.objects.order_by("-pk").values("pk")[:NEWEST_ROOMS]
    slugs = printable(watched.slugs)
    former = FormerSlug.objects.filter(slug__in_array=slugs).values("room")
    concerned = Q(pk__in_array=watched.rooms) | Q(slug__in_array=slugs) | Q(pk__in=former) | Q(pk__in=newest)
    found = Room.objects.existing().filter(concerned).order_by().values_list(*RoomRow._fields)
    return {row[0]: RoomRow(*row) for row in found}


def read_former_slugs(watched: Watched, rows: dict[int, RoomRow]) -> dict[str, int]:
    """The ids of rooms that were made private after a page listed them under their former slug."""
    unknown = set(printable(watched.slugs)) - {row.slug for row in rows.values()}
    if not unknown:
        return {}
    found = FormerSlug.objects.filter(slug__in_array=unknown).order_by("pk").values_list("slug", "room")
    return {slug: id for slug, id in found if id in rows}


def printable(slugs: Collection[str]) -> list[str]:
    """PostgreSQL accepts no NUL."""
    return [slug for slug in slugs if slug.isprintable()]


def read_changed_users(seconds: float) -> set[int]:
    """The users whose memberships, marks or ignored people have changed in these last seconds.

    By the database's clock.
    """
    since = Now() - timedelta(seconds=seconds)
    marked = Membership.objects.filter(changed_at__gt=since).order_by().values_list("user")
    return {id for (id,) in marked.union(User.objects.filter(rooms_changed_at__gt=since).values_list("pk"))}


def read_marks(watched: Watched, due: Collection[int], before: Snapshot) -> dict[int, Marks]:
    """Those of the users who are not `due` are taken over, and so are unchanged ones."""
    marks = {user: before.marks[user] for user in watched.users if user not in due}
    if not due:
        return marks
    users = User.objects.filter(pk__in_array=due).order_by().values(*COLUMNS)
    favourite = Case(When(memberships__is_favourite=True, then=1), default=0)
    chosen = ("memberships__notify", favourite, "memberships__position")
    mark = JsonArray("memberships__last_read", "memberships__mentions", *chosen)
    of_members = JsonObject("memberships__room", mark, filter=Q(memberships__isnull=False))
    rows = users.annotate(text=Cast(of_members, TextField()))
    found = [(User(**row), text) for row in rows for text in (row.pop("text"),)]
    sanctions = standing.in_force(user for user, _ in found)
    now = {
        user.pk: Marks(
            text or "{}", frozenset(user.ignored), barred_from(sanctions.get(user.pk, ())), user.pk
        )
        for user, text in found
    }
    for user in due:
        old, new = before.marks.get(user), now.get(user, NONE)
        marks[user] = old if old and new.is_like(old) else new
    return marks


def barred_from(sanctions: Iterable[Sanction]) -> frozenset[int]:
    """The ids of the rooms that these sanctions close. One of the whole site closes the socket."""
    barring = (sanction for sanction in sanctions if sanction.kind in standing.BARRING)
    return frozenset(sanction.room_id for sanction in barring if sanction.room_id)


def read_latest(rooms: Collection[int]) -> dict[int, Latest]:
    messages = Message.objects.filter(room=OuterRef("pk")).order_by("-seq")
    of_all = messages.filter(mentions_all=True, deleted_at=None)
    found = Room.objects.filter(pk__in_array=rooms).order_by().annotate(
        latest=Subquery(messages.values("created_at")[:1]),
        seqs=JsonList(messages.values("seq")[:UNREAD_COUNTED], column="seq"),
        all_seqs=JsonList(of_all.values("seq")[:UNREAD_COUNTED], column="seq"),
        all_authors=JsonList(of_all.values("author_id")[:UNREAD_COUNTED], column="author_id"),
        preview=preview_of(OuterRef("pk")),
    )  # fmt: skip
    rows = found.values_list("pk", "latest", "preview", "seqs", "all_seqs", "all_authors")
    return {
        id: Latest(at, frames.last(preview), *map(oldest_first, lists)) for id, at, preview, *lists in rows
    }


def oldest_first(newest_first: str | None) -> list[int]:
    return decode_ids(newest_first or "[]")[::-1]
