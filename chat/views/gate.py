"""Whether the user may write in a room, and the words that say why not: in the page of the room, and as the
events that its script goes on from. `js/gate.js` and `js/modes.js` have the same words.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.dateformat import format

from chat import frames, standing
from chat.models import HeldMessage, Room, Sanction, User

MINUTE, HOUR = 60, 3_600  # seconds


@dataclass(frozen=True)
class Gate:
    """Why the user may not write. `action`: acknowledge, sanctions or login."""

    kind: str
    text: str
    reason: str = ""
    action: str = ""
    id: int | None = None  # of the sanction
    answer: str = ""  # to the appeal against it


def standing_of(room: Room, user: User, moderates: bool) -> dict[str, Any]:
    """For the template of the room page: the gate, the modes, and the events that the script goes on from."""
    sanctions = standing.here(standing.in_force([user]).get(user.pk, ()), room.pk)
    modes = list(modes_of(room))
    events = [frames.encode(standing.state(sanction, user.pk)) for sanction in sanctions]
    if modes or room.is_blocked or room.posters != Room.EVERYONE:
        events.append(frames.encode(frames.room_state(room)))
    if room.has_held:
        held = HeldMessage.objects.unanswered().filter(author=user, room=room).order_by("pk")
        events += [frames.encode(frames.held(row)) for row in held]
    return {
        "gate": gate_of(room, sanctions, user, moderates),
        "modes": modes,
        "standing": _json(events, 0 if moderates else _slow_for(room, user)) if events else "",
        "now": round(timezone.now().timestamp() * 1000),
    }


def _slow_for(room: Room, user: User) -> int:
    """Milliseconds until slow mode lets the user write again."""
    if not room.slow_mode:
        return 0
    latest = room.messages.filter(author=user).order_by("-created_at").values_list("created_at", flat=True)
    written = latest.first()
    if written is None:
        return 0
    left = written + timedelta(seconds=room.slow_mode) - timezone.now()
    return max(0, round(left.total_seconds() * 1_000))


def _json(events: list[str], slow_for: int) -> str:
    return f'{{"events": {frames.array(events)}, "slow_for": {slow_for}}}'.replace("<", "\\u003C")


def gate_of(room: Room, sanctions: list[Sanction], user: User, moderates: bool) -> Gate | None:
    """None if the user may write."""
    now = timezone.now()
    own = standing.here(sanctions, room.pk)
    warning = next((one for one in own if one.kind == Sanction.WARNING), None)
    mutes = [one for one in own if one.kind == Sanction.MUTE]
    if room.archived_at:
        return Gate("archived", "This room is archived. Nobody can write here.", room.notice)
    if warning:
        return _gate_of_sanction("A moderator warned you.", warning, "acknowledge")
    if mutes:
        mute = max(mutes, key=lambda one: (one.ends_at is None, one.ends_at))
        return _gate_of_sanction(f"You are muted {until(mute.ends_at, now)}.", mute, "sanctions")
    if room.is_blocked:
        return Gate("blocked", "Nobody can write here, because one of you blocked the other.")
    if moderates:
        return None
    return _gate_of_modes(room, user, now)


def _gate_of_sanction(text: str, sanction: Sanction, action: str) -> Gate:
    answer = f"The answer to your appeal: {sanction.answer}" if sanction.answer else ""
    return Gate(sanction.kind, text, sanction.reason, action, sanction.pk, answer)


def _gate_of_modes(room: Room, user: User, now: datetime) -> Gate | None:
    if room.is_locked:
        return Gate("locked", "Only moderators can write here now.", room.notice)
    if room.is_calm(now):
        text = f"This room is read-only {until(room.calm_until, now)}."
        return Gate("calm", text, room.notice)
    if room.posters != Room.EVERYONE and user.is_guest:
        return Gate("accounts", "Only people with an account can write here.", "", "login")
    return None


def modes_of(room: Room) -> Iterator[str]:
    """The badges beside the room's name."""
    now = timezone.now()
    if room.archived_at:
        yield "Archived"
    if room.is_locked:
        yield "Locked"
    if room.is_calm(now):
        yield f"Read-only {until(room.calm_until, now)}"
    if room.slow_mode:
        yield f"Slow mode: {_length(room.slow_mode)}"


def until(end: datetime | None, now: datetime) -> str:
    """“until 14:05”, “until 3 Dec, 14:05” or “for good”, in the user's time zone."""
    if end is None:
        return "for good"
    local = timezone.localtime(end)
    day = "" if local.date() == timezone.localdate(now) else format(local, "j M, ")
    return f"until {day}{format(local, 'H:i')}"


def _length(seconds: int) -> str:
    if seconds < MINUTE:
        return f"{seconds} s"
    return f"{seconds // MINUTE} min" if seconds < HOUR else f"{seconds // HOUR} h"
