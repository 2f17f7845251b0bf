"""A person's sanctions in force: what they refuse, and what the person is told about them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime

from msgspec import UNSET

from . import frames
from .models import Sanction, User
from .refusals import Refusal

CODES = {  # of chat.refusals
    Sanction.WARNING: "acknowledge_first",
    Sanction.MUTE: "muted",
    Sanction.REMOVAL: "removed",
    Sanction.BAN: "banned",
}
KINDS = {  # of the event `sanction`
    Sanction.WARNING: "warning",
    Sanction.MUTE: "mute",
    Sanction.REMOVAL: "removed",
    Sanction.BAN: "banned",
}
BARRING = (Sanction.REMOVAL, Sanction.BAN)
WORDS = {
    Sanction.WARNING: ("A moderator warned you", "in"),
    Sanction.MUTE: ("You are muted", "in"),
    Sanction.REMOVAL: ("You were removed", "from"),
    Sanction.BAN: ("You are banned", "from"),
}


class Sanctioned(Refusal):
    """A sanction refuses what a person wants to do. `event` tells them everything about it."""

    def __init__(self, sanction: Sanction, user_id: int) -> None:
        super().__init__(CODES[sanction.kind])
        self.sanction = sanction
        self.message = explanation(sanction)
        self.args = (self.message,)
        self.event = state(sanction, user_id)


def in_force(users: Iterable[User]) -> dict[int, list[Sanction]]:
    """The sanctions in force of each of these users, by id.

    One query, and none if nobody among them was ever sanctioned.
    """
    sanctioned = [user for user in users if user.is_sanctioned]
    if not sanctioned:
        return {}
    of_person, of_address = defaultdict(list), defaultdict(list)
    for sanction in Sanction.objects.in_force().of(sanctioned).select_related("room").order_by("pk"):
        if sanction.person_id:
            of_person[sanction.person_id].append(sanction)
        if sanction.address:
            of_address[sanction.address].append(sanction)
    found = {}
    for user in sanctioned:
        shared = of_address[user.entry_ip] if user.entry_ip else []
        own = of_person[user.pk]
        found[user.pk] = [*own, *(sanction for sanction in shared if sanction.person_id != user.pk)]
    return found


def here(sanctions: Iterable[Sanction], room_id: int | None) -> list[Sanction]:
    """Those of the whole site and of this room."""
    return [sanction for sanction in sanctions if sanction.room_id in (None, room_id)]


def barring(sanctions: Iterable[Sanction], room_id: int | None) -> Sanction | None:
    """The longest ban or removal that keeps the person out of a room; with None, out of the site."""
    found = [sanction for sanction in here(sanctions, room_id) if sanction.kind in BARRING]
    return max(found, key=lambda sanction: sanction.ends_at or datetime.max.replace(tzinfo=UTC), default=None)


def refuse_barred(user: User, room_id: int | None) -> None:
    """Raises Sanctioned (banned, removed), if the user may not enter this room; with None, the site."""
    refuse_if_barred(user.pk, in_force([user]).get(user.pk, ()), room_id)


def refuse_if_barred(user_id: int, sanctions: Collection[Sanction], room_id: int | None) -> None:
    """Raises Sanctioned: banned, removed."""
    if found := barring(sanctions, room_id):
        raise Sanctioned(found, user_id)


def headline(sanction: Sanction) -> str:
    """What happened, without the reason and the time."""
    words, preposition = WORDS[sanction.kind]
    if sanction.room is not None:
        name = "a direct conversation" if sanction.room.is_direct else sanction.room.name
        return f"{words} {preposition} {name}"
    return words if sanction.kind == Sanction.WARNING else f"{words} {preposition} this site"


def explanation(sanction: Sanction) -> str:
    """What happened, until when, and why, in one line."""
    until = f" until {sanction.ends_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if sanction.ends_at else ""
    return f"{headline(sanction)}{until}. Reason: {sanction.reason}"


def state(sanction: Sanction, user_id: int) -> frames.Sanction:
    """The event about a sanction for the person concerned."""
    return frames.Sanction(
        kind=KINDS[sanction.kind],
        message=f"{headline(sanction)}.",
        id=sanction.pk,
        reason=sanction.reason,
        room=sanction.room.slug if sanction.room else UNSET,
        until=sanction.ends_at,
        appeal=appeal(sanction) if sanction.person_id == user_id else UNSET,
        answer=sanction.answer or UNSET,
    )


def appeal(sanction: Sanction) -> str:
    if sanction.answered_at:
        return "answered"
    return "sent" if sanction.appealed_at else "possible"


def states(sanctions: Sequence[Sanction], user_id: int, room_id: int | None) -> dict[int, frames.Sanction]:
    """The events for a socket, by the ids of the sanctions. In the lobby those of all rooms."""
    shown = sanctions if room_id is None else here(sanctions, room_id)
    return {sanction.pk: state(sanction, user_id) for sanction in shown}
