"""The end of sanctions: lifted by a moderator, or over. They end by their time; here it is only recorded."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from chat import events, text
from chat.models import Room, Sanction, User
from chat.models.sanction import REASON_LENGTH
from chat.refusals import Refusal

from . import audit, authority
from .hiding import restore_messages

AT_ONCE = 200  # sanctions whose end is recorded in one transaction


def lift(sanction: Sanction, *, by: User, reason: str = "") -> None:
    """End a sanction now, and restore the messages that it hid and that nobody hid otherwise since.

    Raises Refusal: sanction_over, not_yourself, not_allowed, not_above_you, too_long, characters.
    """
    reason = text.clean_line(reason, REASON_LENGTH)
    with transaction.atomic():
        lock_for_end(sanction, by)
        audit.record([end(sanction, by=by, reason=reason)])
    restore_messages(sanction, by=by)


def lock_for_end(sanction: Sanction, by: User) -> None:
    """Lock what the end concerns, and check the rank. An end needs no new number of decisions: people who
    are sanctioned are read in each transaction.
    """
    parties = authority.lock(sanction.person_id, by, sanction.room_id, decides=False)
    is_address = sanction.person_id is None
    action = "lift" if sanction.room_id else "ban_address" if is_address else "sanction_site"
    authority.require(action, parties)


def end(sanction: Sanction, *, by: User, reason: str = "") -> audit.Decision:
    """End a sanction whose person is locked; the caller records the returned entry.

    Other guests from its address are shown their room again by the sweep of the lobby feed.
    Raises Refusal: sanction_over.
    """
    found = Sanction.objects.in_force().filter(pk=sanction.pk)
    if not found.update(ended_at=Now(), lifted_by=by):
        raise Refusal("sanction_over")
    sanction.refresh_from_db(fields=["ended_at", "lifted_by"])
    User.objects.filter(pk=sanction.person_id).touch()
    events.revoke(None if sanction.address else sanction.person_id)
    return entry("lift", sanction, by=by, reason=reason)


def end_removals(room: Room, person: User, *, by: User) -> list[audit.Decision]:
    """An owner adds the person again. Returns the entries, which the caller records."""
    removals = Sanction.objects.in_force().filter(room=room, person=person, kind=Sanction.REMOVAL)
    return [end(removal, by=by) for removal in removals.order_by("pk")]


def end_over() -> int:
    """Record the end of sanctions whose time is over, each by one process only. Returns their number."""
    if not Sanction.objects.over().exists():  # without a transaction, which locks SQLite's database
        return 0
    with transaction.atomic():
        due = list(Sanction.objects.over().select_related("person", "room").order_by("pk")[:AT_ONCE])
        User.objects.lock({one.person_id for one in due if one.person_id}, for_deletion=False).touch()
        over = Sanction.objects.over()
        ended = [one for one in due if over.filter(pk=one.pk).update(ended_at=F("ends_at"))]
        audit.record([entry("expire", one) for one in ended])
        for one in ended:
            events.revoke(None if one.address else one.person_id)
    return len(ended)


def entry(action: str, sanction: Sanction, *, by: User | None = None, reason: str = "") -> audit.Decision:
    details = {"sanction": sanction.pk, "kind": sanction.kind, "site": sanction.room is None}
    return audit.Decision(
        action, by=by, person=sanction.person, room=sanction.room, reason=reason, details=details
    )
