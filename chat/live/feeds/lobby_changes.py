"""The changes between two lobby snapshots, as the events that one watcher is sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from chat import frames

from .lobby_snapshot import Snapshot
from .lobby_watchers import Watcher
from .marks import Marks

UNKNOWN = ""  # slug of a room that the next snapshot reads


class Changes(NamedTuple):
    rooms: set[int]
    users: set[int]  # whose memberships, read marks or ignored people changed
    new_rooms: set[int]  # public


def events_for(watcher: Watcher, now: Snapshot, changes: Changes) -> Iterator[str]:
    """The encoded events that bring this watcher up to date."""
    marks = now.marks_of(watcher.user_id)
    is_first = watcher.sent is None
    compare_all = is_first or watcher.is_behind or watcher.user_id in changes.users
    sent = watcher.sent = {} if watcher.sent is None else watcher.sent
    if is_first:
        for slug in watcher.slugs:
            if (id := now.ids.get(slug)) is not None and is_visible(now, id, marks):
                watcher.add(id, slug)
            else:
                yield frames.encode(frames.gone(slug))
        others = marks.rooms.keys() - watcher.listed.keys()
        watcher.others = {id for id in others if watcher.shown is None or id <= watcher.shown}
    if watcher.newest is not None:
        add_new_rooms(watcher, now, changes, compare_all=compare_all)
    if watcher.adds_joined and compare_all:
        add_joined_rooms(watcher, now, marks)
    watcher.is_behind = False
    listed = watcher.listed
    due = list(listed) if compare_all else listed.keys() & changes.rooms
    for id in due:
        if is_visible(now, id, marks):
            room, former = now.rooms[id], listed[id]
            event = room.event_for(marks)
            if sent.get(id) is not event:
                watcher.add(id, room.row.slug)
                sent[id] = event
                yield event if former == room.row.slug else room.moved_event(marks, former)
        elif id in now.rooms or id in sent:  # others were added just now, and the next snapshot has them
            slug = watcher.drop(id)
            if sent.pop(id, None):
                yield frames.encode(frames.gone(slug))


def add_new_rooms(watcher: Watcher, now: Snapshot, changes: Changes, *, compare_all: bool) -> None:
    """List the public rooms created since the page was rendered."""
    assert watcher.newest is not None
    new = changes.new_rooms
    if compare_all:
        new = {id for id in now.newest if id > watcher.newest and not now.rooms[id].is_private}
    for id in new - watcher.listed.keys():
        watcher.add(id, now.rooms[id].row.slug)


def add_joined_rooms(watcher: Watcher, now: Snapshot, marks: Marks) -> None:
    """List the rooms that the user joined, or was added to, since the page was rendered."""
    mine = marks.rooms.keys() - marks.barred
    watcher.others = mine.intersection(watcher.others)
    for id in mine - watcher.listed.keys() - watcher.others:
        watcher.add(id, now.rooms[id].row.slug if id in now.rooms else UNKNOWN)


def is_visible(now: Snapshot, room_id: int, marks: Marks) -> bool:
    room = now.rooms.get(room_id)
    if room is None or room_id in marks.barred:
        return False
    return not room.is_private or room_id in marks.rooms
