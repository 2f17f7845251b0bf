"""The modes of a room: slow mode, calm-down, lock, who can write, archive and deletion.

Each change is made in the locked row of the room, which every post reads, so no message is stored after it
that it forbids. It is recorded in the audit log, and announced to the open sockets.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction

from chat import events, ranks, standing, text
from chat.models import Room, User
from chat.models.room_modes import FIRST_MESSAGES, NOTICE_LENGTH, SLOW_MODES
from chat.refusals import Refusal

from . import audit, authority
from .purging import kept_since

CALM_DOWN = timedelta(minutes=10)
OF_MODERATORS = {"slow_mode", "is_locked"}
OF_OWNERS = {"posters", "approve_first", "has_public_log"}
CHOICES: dict[str, Callable[[Any], bool]] = {
    "slow_mode": SLOW_MODES.__contains__,
    "is_locked": lambda value: isinstance(value, bool),
    "posters": {Room.EVERYONE, Room.ACCOUNTS, Room.MEMBERS}.__contains__,
    "approve_first": lambda value: 0 <= value <= FIRST_MESSAGES,
    "has_public_log": lambda value: isinstance(value, bool),
}


def set_modes(room: Room, *, by: User, reason: str = "", **changes: Any) -> Room:
    """Change modes: slow_mode (seconds, one of SLOW_MODES), is_locked, posters, approve_first,
    has_public_log. A moderator may change the first two, an owner all. `reason` is the notice of a lock.

    Raises Refusal: no_room, not_allowed, bad_mode, too_long, characters.
    """
    if any(field not in CHOICES or not CHOICES[field](value) for field, value in changes.items()):
        raise Refusal("bad_mode")
    reason = clean_notice(reason)
    if "is_locked" in changes:
        changes["notice"] = reason if changes["is_locked"] else ""
    with transaction.atomic():
        room, by_rank = _lock(room, by, of_rooms=True)
        before = {field: getattr(room, field) for field in changes}
        decisions = []
        for action, fields in (("set_mode", OF_MODERATORS), ("set_rules", OF_OWNERS)):
            changed = {field: changes[field] for field in fields & changes.keys()}
            details = {field: [before[field], new] for field, new in changed.items() if before[field] != new}
            if details:
                ranks.require(action, by_rank)
                decisions.append(audit.Decision(action, by, room=room, reason=reason, details=details))
        if decisions:
            _save(room, changes, decisions)
    return room


def calm_down(room: Room, *, by: User, reason: str = "") -> Room:
    """Let only moderators write for ten minutes. It ends by itself. Repeated, it lasts ten minutes from now.

    Raises Refusal: no_room, not_allowed, too_long, characters.
    """
    notice = clean_notice(reason)
    with transaction.atomic():
        room, by_rank = _lock(room, by, of_rooms=True)
        ranks.require("set_mode", by_rank)
        until = room.now + CALM_DOWN
        details = {"calm_until": until.isoformat(timespec="seconds")}
        decision = audit.Decision("set_mode", by, room=room, reason=notice, details=details)
        _save(room, {"calm_until": until, "notice": notice}, [decision])
    return room


def reopen(room: Room, *, by: User) -> Room:
    """End a calm-down and a lock. Raises Refusal: no_room, not_allowed."""
    with transaction.atomic():
        room, by_rank = _lock(room, by)
        ranks.require("set_mode", by_rank)
        if room.is_locked or room.is_calm(room.now):
            decision = audit.Decision("set_mode", by, room=room, details={"reopened": True})
            _save(room, {"calm_until": None, "is_locked": False, "notice": ""}, [decision])
    return room


def archive(room: Room, *, by: User, reason: str = "") -> Room:
    """Make a room read-only and list it apart. Raises Refusal: no_room, not_allowed, too_long, characters."""
    return _change(room, by, "archive_room", reason, archived=True)


def unarchive(room: Room, *, by: User, reason: str = "") -> Room:
    """Raises Refusal: no_room, not_allowed."""
    return _change(room, by, "archive_room", reason, archived=False)


def delete(room: Room, *, by: User, reason: str = "") -> Room:
    """Hide a room from everybody, and close its sockets. `restore` shows it again until it is purged.

    Raises Refusal: no_room, not_allowed, too_long, characters.
    """
    return _change(room, by, "delete_room", reason, deleted=True)


def restore(room: Room, *, by: User, reason: str = "") -> Room:
    """Show a deleted room again, with its messages and members.

    Raises Refusal: no_room, not_allowed; too_late, when it was deleted so long ago that a purge removes it;
    room_name_taken, direct_exists, if there is a new public room, or conversation, in its place.
    """
    try:
        return _change(room, by, "delete_room", reason, deleted=False)
    except IntegrityError:
        raise Refusal("direct_exists" if room.is_direct else "room_name_taken") from None


def clean_notice(reason: str) -> str:
    return text.clean_line(reason, NOTICE_LENGTH)


def _lock(room: Room, by: User, *, of_rooms: bool = False) -> tuple[Room, ranks.Rank]:
    """The locked room, and the rank of `by` in it. Raises Refusal: no_room, direct_only, banned, removed."""
    parties = authority.lock(None, by, room.pk, decides=False)
    assert parties.room
    if of_rooms and parties.room.is_direct:
        raise Refusal("direct_only")
    standing.refuse_barred(parties.by, room.pk)
    return parties.room, authority.rank_in(parties.room, parties.by)


def _change(room: Room, by: User, action: str, reason: str, **state: bool) -> Room:
    """Archive or delete a room, or take it back. A repetition has no effect."""
    notice = clean_notice(reason)
    with transaction.atomic():
        room, by_rank = _lock(room, by, of_rooms="archived" in state)
        ranks.require(action, by_rank)
        ((name, on),) = state.items()
        if (getattr(room, f"{name}_at") is not None) != on:
            if name == "deleted" and not on:
                _refuse_too_late(room)
            changes: dict[str, Any] = {f"{name}_at": room.now if on else None}
            if name == "archived":
                changes["notice"] = notice if on else ""
            _save(room, changes, [audit.Decision(action, by, room=room, reason=notice, details=state)])
    return room


def _refuse_too_late(room: Room) -> None:
    """A purge may have begun to remove its messages, in parts and without a lock."""
    assert room.deleted_at
    if room.deleted_at <= kept_since(room.now):
        raise Refusal("too_late")


def _save(room: Room, changes: dict[str, Any], decisions: list[audit.Decision]) -> None:
    for field, value in changes.items():
        setattr(room, field, value)
    room.save(update_fields=list(changes))
    events.publish_room(room)
    audit.record(decisions)
