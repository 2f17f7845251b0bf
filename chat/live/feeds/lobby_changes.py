"""The changes between two lobby snapshots, as the events that one watcher is sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from chat import frames

from .lobby_snapshot import Mark, Snapshot
from .reader import LobbyReader

MAX_LISTED = 200  # rooms of a watcher, with new ones; beyond it new rooms appear when the page is reloaded
UNKNOWN = ""  # slug of a room that the next snapshot reads


class Watcher:
    """A client, the rooms that its page lists, and the last event that it was sent for each."""

    __slots__ = ("client", "is_behind", "listed", "newest", "sent", "slugs", "user_id")

    def __init__(self, client: LobbyReader, user_id: int, slugs: Iterable[str], newest: int | None) -> None:
        self.client = client
        self.user_id = user_id
        self.slugs = frozenset(slugs)  # as the page lists them; the next snapshot looks them up
        self.newest = newest  # id of the newest room when the page was rendered; None: it shows no new rooms
        self.listed: dict[int, str] = {}  # room id → slug
        self.is_behind = False  # it was skipped because it was congested
        self.sent: dict[int, str] | None = None  # room id → encoded event; None before the first update


class Changes(NamedTuple):
    rooms: set[int]
    users: set[int]  # whose memberships or read marks changed
    new_rooms: set[int]  # public


def events_for(watcher: Watcher, before: Snapshot, now: Snapshot, changes: Changes) -> Iterator[str]:
    """The encoded events that bring this watcher up to date."""
    marks = now.marks_of(watcher.user_id)
    is_first = watcher.sent is None
    compare_all = is_first or watcher.is_behind or watcher.user_id in changes.users
    sent = watcher.sent = {} if watcher.sent is None else watcher.sent
    if is_first:
        for slug in watcher.slugs:
            if (id := now.ids.get(slug)) is not None and is_visible(now, id, marks):
                watcher.listed[id] = slug
            else:
                yield frames.encode(frames.gone(slug))
    if watcher.newest is not None:
        add_new_rooms(watcher, before, now, changes, is_first=is_first or watcher.is_behind)
    watcher.is_behind = False
    listed = watcher.listed
    due = list(listed) if compare_all else listed.keys() & changes.rooms
    for id in due:
        if is_visible(now, id, marks):
            room, former = now.rooms[id], listed[id]
            event = room.event_for(marks.get(id))
            if sent.get(id) is not event:
                listed[id], sent[id] = room.row.slug, event
                yield event if former == room.row.slug else room.moved_event(marks.get(id), former)
        elif id in now.rooms or id in sent:  # others were added just now, and the next snapshot has them
            slug = listed.pop(id)
            if sent.pop(id, None):
                yield frames.encode(frames.gone(slug))


def add_new_rooms(
    watcher: Watcher, before: Snapshot, now: Snapshot, changes: Changes, *, is_first: bool
) -> None:
    """List the rooms created since the page was rendered, and private rooms that its user was added to."""
    assert watcher.newest is not None
    if is_first:
        new = {id for id in now.newest if id > watcher.newest and not now.rooms[id].is_private}
    else:
        new = set(changes.new_rooms)
        if watcher.user_id in changes.users and watcher.user_id in before.marks:
            added = now.marks_of(watcher.user_id).keys() - before.marks_of(watcher.user_id).keys()
            new |= {id for id in added if id not in now.rooms or now.rooms[id].is_private}
    for id in new - watcher.listed.keys():
        if len(watcher.listed) < MAX_LISTED:
            watcher.listed[id] = now.rooms[id].row.slug if id in now.rooms else UNKNOWN


def is_visible(now: Snapshot, room_id: int, marks: dict[int, Mark]) -> bool:
    room = now.rooms.get(room_id)
    return room is not None and (not room.is_private or room_id in marks)
