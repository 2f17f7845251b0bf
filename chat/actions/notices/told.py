"""Note what people were told, so that nobody is told twice, also after a restart."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.db import transaction
from django.utils import timezone

from chat.models import Membership, Notice, NoticeCursor

from .due import PAUSE, RETRY, wait
from .untold import Told, messages_for

MARKS = {"push": "pushed", "mail": "mailed"}


def told(
    channel: str,
    rooms: Iterable[Told],
    *,
    sent: Collection[int] = (),
    failed: Collection[int] = (),
    idle: Collection[int] = (),
) -> None:
    """Note what these members were told, and when each user can be told again: those to whom something was
    `sent` after a pause, those for whom it `failed` after a while, the `idle` at once.

    Call it as soon as a push or mail was accepted: what a killed worker had not noted is sent once more.
    """
    with transaction.atomic():
        NoticeCursor.lock()
        for membership_id, seq in rooms:
            _advance(channel, membership_id, seq)
        now = timezone.now()
        wait(channel, sent, now + PAUSE[channel])
        wait(channel, failed, now + RETRY)
        wait(channel, idle, now)


def _advance(channel: str, membership_id: int, seq: int | None) -> None:
    """Move the mark. The member waits on if more arrived meanwhile: `new.look` skips members who wait."""
    notices = Notice.objects.filter(pk=membership_id)
    since, mark = f"{channel}_since", MARKS[channel]
    if seq is None:
        notices.update(**{since: None})
        return
    member = Membership.objects.filter(pk=membership_id).select_related("user", "room").first()
    waits_on = member is not None and messages_for(member, seq).exists()
    notices.update(**{mark: seq} if waits_on else {mark: seq, since: None})
