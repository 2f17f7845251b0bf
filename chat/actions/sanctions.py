"""Sanction people: warn, mute, remove and ban them, and ban IP addresses.

`ending` lifts sanctions and records their end; `appeals` has what the sanctioned person does.
"""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_address

from django.db import transaction
from django.db.models.functions import Now

from chat import events, ranks, text
from chat.client_ip import limit_key
from chat.models import Case, Membership, Room, Sanction, User
from chat.models.sanction import REASON_LENGTH
from chat.refusals import Refusal

from . import audit, authority
from .appeals import acknowledge as acknowledge  # all actions of sanctions, for their callers
from .appeals import answer_appeal as answer_appeal
from .appeals import appeal as appeal
from .ending import end_over as end_over
from .ending import lift as lift
from .hiding import hide_messages

ACTIONS = {  # of ranks.LOWEST, in a room
    Sanction.WARNING: "warn",
    Sanction.MUTE: "mute",
    Sanction.REMOVAL: "remove",
    Sanction.BAN: "ban",
}
REMOVED_FOR = timedelta(hours=1)  # from a public room, unless the moderator chooses another time
MIN_DURATION, MAX_DURATION = timedelta(seconds=1), timedelta(days=3_650)


def impose(
    kind: str,
    person: User,
    *,
    by: User,
    room: Room | None = None,
    reason: str,
    note: str = "",
    duration: timedelta | None = None,
    with_address: bool = False,
    hides_messages: bool = False,
    case: Case | None = None,
) -> Sanction:
    """Sanction a person in a room, or on the whole site. Without `duration` it is for good; a removal from a
    public room then ends after REMOVED_FOR. The same form sent twice imposes one sanction.

    `with_address` makes a ban include all guests from the IP address of a guest. `hides_messages` hides the
    person's latest messages in the room or on the site, after the sanction is stored: see `hiding`.
    Raises Refusal: not_yourself, not_allowed, not_above_you, no_room, reason_empty, too_long, characters,
    bad_duration, no_address.
    """
    if (kind == Sanction.REMOVAL and room is None) or (with_address and kind != Sanction.BAN):
        raise ValueError("A removal needs a room, and only a ban includes an address")
    fields = {"kind": kind, "room": room, "case": case, **_explained(reason, note)}
    if kind == Sanction.REMOVAL and room and not room.is_private:
        duration = duration or REMOVED_FOR
    action = ACTIONS[kind] if room else "sanction_site"
    authority.require_first(action, person, by, room)
    with transaction.atomic():
        address, guests = _lock_address(person) if with_address else ("", [])
        parties = authority.lock(person.pk, by, room.pk if room else None, decides=True, others=guests)
        authority.require(action, parties)
        if address:
            _require_above_guests(parties, guests)
        if kind == Sanction.REMOVAL:
            Membership.objects.filter(room=room, user=person).delete()
        sanction = _store(ACTIONS[kind], parties, guests, duration, address=address, **fields)
    if hides_messages:
        hide_messages(sanction, by=by)
    return sanction


def ban_address(
    address: str, *, by: User, reason: str, note: str = "", duration: timedelta | None
) -> Sanction:
    """Refuse guests from an IP address (IPv6: its /64), new and present ones, and sign-ups from it.

    People with an account can still log in. Raises Refusal: bad_address, not_allowed, reason_empty, too_long,
    characters, bad_duration.
    """
    try:
        address = limit_key(str(ip_address(address.strip().partition("/")[0])))
    except ValueError:
        raise Refusal("bad_address") from None
    fields = {"kind": Sanction.BAN, "address": address, **_explained(reason, note)}
    authority.require_first("ban_address", None, by, None)
    with transaction.atomic():
        guests = _guests_at(address)
        parties = authority.lock(None, by, None, decides=True, others=guests)
        authority.require("ban_address", parties)
        return _store("ban_address", parties, guests, duration, **fields)


def _explained(reason: str, note: str) -> dict[str, str]:
    reason, note = text.clean_line(reason, REASON_LENGTH), text.clean_line(note, REASON_LENGTH)
    if not reason:
        raise Refusal("reason_empty")
    return {"reason": reason, "note": note}


def _lock_address(person: User) -> tuple[str, list[int]]:
    """The address from which the guest entered, and the ids of all guests from there."""
    address = User.objects.filter(pk=person.pk, is_guest=True).values_list("entry_ip", flat=True).first()
    if not address:
        raise Refusal("no_address")
    return address, _guests_at(address)


def _guests_at(address: str) -> list[int]:
    Sanction.objects.lock_addresses()
    return list(User.objects.guests().filter(entry_ip=address).values_list("pk", flat=True))


def _require_above_guests(parties: authority.Parties, guests: list[int]) -> None:
    """A guest may own or moderate the room. Raises Refusal: not_above_you."""
    found = authority.roles(parties.room, [*guests, parties.by.pk])
    mine = ranks.rank(parties.by, found.get(parties.by.pk))
    if any(ranks.rank(parties.people[id], found.get(id)) >= mine for id in guests):
        raise Refusal("not_above_you")


def _store(
    action: str, parties: authority.Parties, guests: list[int], duration: timedelta | None, **fields: object
) -> Sanction:
    if duration is not None and not MIN_DURATION <= duration <= MAX_DURATION:
        raise Refusal("bad_duration", days=MAX_DURATION.days)
    person, by, room, _ = parties
    ends_at = None if duration is None else Now() + duration
    fields |= {"person": person, "by": by, "room": room}
    if (same := Sanction.objects.repeated(duration, **fields)) is not None:
        return same
    sanction = Sanction.objects.create(**fields, ends_at=ends_at)
    sanction.refresh_from_db(fields=["created_at", "ends_at"])
    concerned = {*guests, *([person.pk] if person else ())}
    User.objects.filter(pk__in=concerned).update(is_sanctioned=True, rooms_changed_at=Now())
    events.revoke(person.pk if person and not guests else None)
    audit.record([_decision(action, sanction, by)])
    return sanction


def _decision(action: str, sanction: Sanction, by: User) -> audit.Decision:
    details: dict[str, object] = {"sanction": sanction.pk, "site": sanction.room is None}
    if sanction.ends_at:
        details["until"] = sanction.ends_at.isoformat()
    if sanction.address:
        details["address"] = sanction.address
    if sanction.case_id:
        details["case"] = sanction.case_id
    return audit.Decision(
        action, by=by, person=sanction.person, room=sanction.room, reason=sanction.reason, details=details
    )
