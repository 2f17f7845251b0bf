"""Cases: moderators decide about what was reported. The lock of a case's row lets one of them decide."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.timesince import timesince

from chat import ranks, standing, text
from chat.models import Case, Message, Room, Sanction, User
from chat.models.case import OUTCOME_LENGTH, WORDS_LENGTH
from chat.refusals import Refusal

from . import audit, authority
from .changes import Delete
from .hiding import hide_messages
from .messages import post
from .sanctions import impose

NO_ACTION = "No action"
HIDDEN = "Message hidden"
DONE = {
    Sanction.WARNING: "warned",
    Sanction.MUTE: "muted",
    Sanction.REMOVAL: "removed from the room",
    Sanction.BAN: "banned",
}


def open_case(person: User, *, by: User, room: Room | None = None, message: Message | None = None) -> Case:
    """The open case about a message, or about a person: locked until the transaction ends. Opens one if there
    is none; unique constraints decide between simultaneous requests.

    Call it inside a transaction.
    """
    fields = {"person": person, "room": room, "message": message, "seq": message.seq if message else None}
    while True:
        same = Case.objects.open().about(person, room, message)
        found = same.select_for_update(of=("self",)).first()
        if found is not None:
            return found
        try:
            with transaction.atomic():
                return Case.objects.create(**fields, text=message.text if message else "")
        except IntegrityError:  # another request opened it
            continue


def take(case: Case, *, by: User) -> Case:
    """Make `by` the moderator who looks after the case, also if it is somebody else's.

    Raises Refusal: not_yourself, not_allowed, not_above_you, case_closed.
    """
    with audit.together():
        case = _lock(case, by)
        case.assignee = by
        case.save(update_fields=["assignee"])
        _record("take_case", case, by)
    return case


def close(case: Case, *, by: User, outcome: str = NO_ACTION, answer: str = "") -> Case:
    """Close a case. Its reporters are told the outcome and the answer.

    Raises Refusal: not_yourself, not_allowed, not_above_you, case_closed, too_long, characters.
    """
    outcome, answer = text.clean_line(outcome, OUTCOME_LENGTH), text.clean_words(answer, WORDS_LENGTH)
    with audit.together():
        case = _lock(case, by)
        _close(case, by, outcome, answer)
    return case


def decide(
    case: Case, *, by: User, hides: bool = False, sanction: dict[str, Any] | None = None, answer: str = ""
) -> Case:
    """Act and close the case, in one transaction. `hides` hides the message of the case. `sanction` has the
    arguments of `sanctions.impose`; its room is that of the case, unless it says otherwise. Other messages
    that the sanction hides follow after the transaction, in parts.

    Raises what `close` and `impose` raise, and no_message and not_above_you for the message.
    """
    answer = text.clean_words(answer, WORDS_LENGTH)
    asked = dict(sanction or {})
    hides_messages = asked.pop("hides_messages", False)
    with audit.together():
        case, imposed = _lock(case, by), None
        if asked:  # first: it locks the person, and then rooms
            imposed = impose(person=case.person, by=by, case=case, **{"room": case.room, **asked})
        if hides:
            _hide(case, by, imposed.reason if imposed else answer)
        _close(case, by, _outcome(hides, imposed), answer)
    if imposed is not None and hides_messages:
        hide_messages(imposed, by=by)
    return case


def _lock(case: Case, by: User) -> Case:
    """Lock the open case and check that this moderator may decide it: their rank is above the person's, since
    to dismiss a case is a decision too.
    """
    locked = Case.objects.select_for_update(of=("self",)).select_related("person", "room").get(pk=case.pk)
    if locked.person_id == by.pk:
        raise Refusal("not_yourself")
    by = User.objects.get(pk=by.pk)
    if locked.room is not None:
        standing.refuse_barred(by, locked.room.pk)
    by_rank = authority.rank_in(locked.room, by)
    ranks.require("decide_case", by_rank, on=authority.rank_in(locked.room, locked.person))
    if locked.closed_at is not None:
        raise Refusal("case_closed", by=locked.closed_by or "Somebody", outcome=locked.outcome)
    return locked


def _hide(case: Case, by: User, reason: str) -> None:
    """Hide the message of the case, unless a moderator hid it already."""
    if case.seq is None or case.room is None:
        raise Refusal("no_message")
    (done,) = post([Delete(case.room.pk, by.pk, case.seq, reason, details={"case": case.pk})])
    if isinstance(done, Refusal):
        raise done


def _outcome(hides: bool, imposed: Sanction | None) -> str:
    """A sentence for the reporters, such as "Message hidden, muted for 1 hour"."""
    done = [HIDDEN] if hides else []
    if imposed is not None:
        place = "" if imposed.room_id else " on the whole site"
        time = f" for {_in_words(imposed)}" if imposed.ends_at else ""
        done.append(f"{DONE[imposed.kind]}{place}{time}")
    return ", ".join(done).capitalize() if done else NO_ACTION


def _in_words(sanction: Sanction) -> str:
    return timesince(sanction.created_at, sanction.ends_at, depth=1).replace("\xa0", " ")


def _close(case: Case, by: User, outcome: str, answer: str) -> None:
    case.closed_at, case.closed_by = timezone.now(), by
    case.outcome, case.answer = outcome, answer
    case.save(update_fields=["closed_at", "closed_by", "outcome", "answer"])
    _record("close_case", case, by, outcome=outcome, answer=answer)


def _record(action: str, case: Case, by: User, **details: str) -> None:
    decision = audit.Decision(
        action, by, case.person, case.room, case.seq, details={"case": case.pk, **details}
    )
    audit.record([decision])
