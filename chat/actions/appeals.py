"""Actions of a sanctioned person: acknowledge a warning, and appeal once. A moderator answers the appeal."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from chat import events, text
from chat.models import Sanction, User
from chat.models.sanction import REASON_LENGTH
from chat.refusals import Refusal

from . import audit
from .ending import end, entry, lock_for_end
from .hiding import restore_messages


def acknowledge(sanction: Sanction, *, person: User) -> None:
    """The person has read a warning, and may write again. A repetition has no effect, such as one after a
    timeout. Raises Refusal: no_sanction.
    """
    with transaction.atomic():
        warnings = Sanction.objects.filter(pk=sanction.pk, person=person, kind=Sanction.WARNING)
        if not warnings.exists():
            raise Refusal("no_sanction")
        if not warnings.in_force().update(ended_at=Now()):
            return
        events.revoke(person.pk)
        audit.record([entry("acknowledge", sanction, by=person)])


def appeal(sanction: Sanction, words: str, *, person: User) -> None:
    """Ask the moderators to reconsider a sanction of one's own, once. An acknowledged warning counts too.

    Raises Refusal: no_sanction, sanction_over, appeal_sent, words_empty, too_long, characters.
    """
    words = _clean(words)
    with transaction.atomic():
        own = Sanction.objects.filter(pk=sanction.pk, person=person)
        if not own.exists():
            raise Refusal("no_sanction")
        in_time = Q(ends_at=None) | Q(ends_at__gt=Now())
        standing = own.filter(in_time, Q(ended_at=None) | Q(kind=Sanction.WARNING), lifted_by=None)
        if not standing.exists():
            raise Refusal("sanction_over")
        if not standing.filter(appealed_at=None).update(appeal=words, appealed_at=Now()):
            raise Refusal("appeal_sent")  # the row's lock decides between simultaneous appeals
        events.revoke(person.pk)
        audit.record([entry("appeal", sanction, by=person, reason=words)])


def answer_appeal(sanction: Sanction, *, by: User, answer: str, lifts: bool) -> None:
    """Answer an appeal, and lift the sanction if the person is right and it is still in force.

    Raises Refusal: appeal_answered, no_appeal, words_empty, and those of `lift` except sanction_over.
    """
    answer = _clean(answer)
    with transaction.atomic():
        lock_for_end(sanction, by)
        _answer(sanction, by, answer)
        entries = [entry("answer_appeal", sanction, by=by, reason=answer)]
        lifted = lifts and Sanction.objects.in_force().filter(pk=sanction.pk).exists()
        if lifted:
            entries.append(end(sanction, by=by))
        events.revoke(sanction.person_id)
        audit.record(entries)
    if lifted:
        restore_messages(sanction, by=by)


def _answer(sanction: Sanction, by: User, answer: str) -> None:
    appealed = Sanction.objects.filter(pk=sanction.pk, appealed_at__isnull=False)
    fields = {"answer": answer, "answered_at": Now(), "answered_by": by}
    if not appealed.filter(answered_at=None).update(**fields):
        found = appealed.select_related("answered_by").first()
        raise Refusal("appeal_answered", by=found.answered_by) if found else Refusal("no_appeal")
    sanction.refresh_from_db(fields=list(fields))


def _clean(words: str) -> str:
    cleaned = text.clean_words(words, REASON_LENGTH)
    if not cleaned:
        raise Refusal("words_empty")
    return cleaned
