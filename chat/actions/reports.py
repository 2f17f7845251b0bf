"""Members report messages and people, and are told the outcome."""

from __future__ import annotations

from django.db import transaction
from django.db.models.functions import Now

from chat import text
from chat.client_ip import current_ip
from chat.limits import limits
from chat.models import Case, Membership, Message, Report, Room, User
from chat.models.case import WORDS_LENGTH
from chat.refusals import Refusal

from . import audit
from .cases import open_case

AUTHORED = 1_000  # messages
TOLD_AT_ONCE = 5  # outcomes on one page


def report_message(message: Message, *, by: User, reason: str, words: str = "") -> Report:
    """Report a message. `reason` is one of Report's. A second report by the same person changes nothing.

    A message that its author deleted can be reported: deleting it quickly must not be a way out. Raises
    Refusal: not_yourself, no_room, deleted (hidden by a moderator), reason_empty, too_long, characters,
    too_many_reports.
    """
    if message.deleted_at is not None and (message.is_purged or message.deleted_by_id != message.author_id):
        raise Refusal("deleted")
    return _report(message.author, message.room, message, by, reason, words)


def report_person(
    person: User, *, by: User, reason: str, room: Room | None = None, words: str = ""
) -> Report:
    """Report a person of a room: a member, or somebody who wrote there. Without a room, only site moderators
    can.

    Raises Refusal: no_person, and those of `report_message`.
    """
    if room is None:
        if not by.is_staff:
            raise Refusal("no_room")
    elif not _is_of(room, person):
        raise Refusal("no_person")
    return _report(person, room, None, by, reason, words)


def _is_of(room: Room, person: User) -> bool:
    """A member, or somebody who wrote there: of a person who left, AUTHORED messages are looked at."""
    if Membership.objects.filter(room=room, user=person).exists():
        return True
    latest = Message.objects.filter(author=person).order_by("-pk").values("pk")[:AUTHORED]
    return Message.objects.filter(pk__in=latest, room=room).exists()


def tell_outcomes(user: User) -> list[Report]:
    """Reports of the user with an outcome that they have not seen: TOLD_AT_ONCE at most, and each only once,
    also if two tabs ask at the same moment.
    """
    told = []
    untold = Report.objects.untold().filter(reporter=user).select_related("case__person")
    for report in untold.order_by("pk")[:TOLD_AT_ONCE]:
        if Report.objects.filter(pk=report.pk, told_at=None).update(told_at=Now()):
            told.append(report)
    return told


def _report(
    person: User, room: Room | None, message: Message | None, by: User, reason: str, words: str
) -> Report:
    if person.pk == by.pk:
        raise Refusal("not_yourself")
    if room is not None and not Room.objects.visible_to(by).filter(pk=room.pk).exists():
        raise Refusal("no_room")
    if reason not in dict(Report._meta.get_field("reason").flatchoices):
        raise Refusal("reason_empty")
    words = text.clean_words(words, WORDS_LENGTH)
    same = Case.objects.open().about(person, room, message)
    found = Report.objects.filter(case__in=same, reporter=by).first()
    if found is not None:
        return found
    if ip := current_ip():
        limits().spend_report(by.pk, ip)
    with transaction.atomic():
        case = open_case(person, room=room, message=message, by=by)
        fields = {"reason": reason, "words": words}
        report, is_new = Report.objects.get_or_create(case=case, reporter=by, defaults=fields)
        if is_new:
            details = {"case": case.pk, "reason": reason}
            seq = message.seq if message else None
            decision = audit.Decision("report", by, person, room, seq, words, details)
            audit.record([decision])
    return report
