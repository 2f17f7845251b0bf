"""Hide the messages of a sanctioned person, and restore exactly these when the sanction is lifted.

Both use the path of all changes of messages (`messages.post`), in parts, so a post never waits for long.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, OuterRef

from chat.models import HiddenMessage, Message, Sanction, User
from chat.refusals import Refusal

from . import audit
from .batch import Batch
from .changes import Delete, Restore
from .command import Actor, Stored
from .messages import post
from .moderation import AT_ONCE

MAX_HIDDEN = 10_000  # the latest messages; at 2,000 to 5,000 a second a request takes at most five seconds


@dataclass(slots=True)
class Hide(Delete):
    """Unlike `Delete` it leaves alone what somebody deleted meanwhile: lifting would restore it."""

    def change(self, message: Message, actor: Actor, batch: Batch) -> bool:
        return message.deleted_at is None and Delete.change(self, message, actor, batch)


@dataclass(slots=True)
class Show(Restore):
    rev: int = 0

    def change(self, message: Message, actor: Actor, batch: Batch) -> bool:
        return message.rev == self.rev and Restore.change(self, message, actor, batch)


def hide_messages(sanction: Sanction, *, by: User) -> int:
    """Hide the person's latest messages in the sanction's room or on the site, until it is lifted. Returns
    their number.
    """
    theirs = Message.objects.filter(author=sanction.person, deleted_at=None).order_by("-pk")
    if sanction.room_id:
        theirs = theirs.filter(room=sanction.room_id)
    found = list(theirs.values_list("room", "seq")[:MAX_HIDDEN])
    hidden, logged = 0, _logged(sanction)
    for start in range(0, len(found), AT_ONCE):
        part = [Hide(room, by.pk, seq, **logged) for room, seq in found[start : start + AT_ONCE]]
        with audit.together():
            if _is_lifted(sanction):
                break
            changed = _changed(part, post(part))
            rows = [HiddenMessage(sanction=sanction, message=each, rev=each.rev) for each in changed]
            HiddenMessage.objects.bulk_create(rows)
        hidden += len(changed)
    _share_hidden(sanction)
    return hidden


def _is_lifted(sanction: Sanction) -> bool:
    """The lock of the person decides between a part and a lift, which restores only earlier parts."""
    User.objects.lock([sanction.person_id], for_deletion=False)
    return Sanction.objects.filter(pk=sanction.pk, lifted_by__isnull=False).exists()


def _share_hidden(sanction: Sanction) -> None:
    """Remember also what another sanction in force hid, so its end does not restore it."""
    others = Sanction.objects.in_force().filter(person=sanction.person).exclude(pk=sanction.pk)
    rows = HiddenMessage.objects.filter(sanction__in=others, message__rev=F("rev"))
    if sanction.room_id:
        rows = rows.filter(message__room=sanction.room_id)
    shared = dict(rows.values_list("message", "rev"))
    HiddenMessage.objects.bulk_create(
        [HiddenMessage(sanction=sanction, message_id=id, rev=rev) for id, rev in shared.items()],
        ignore_conflicts=True,
    )


def restore_messages(sanction: Sanction, *, by: User) -> int:
    """Restore what the sanction hid, except what somebody restored or hid since. Returns their number."""
    in_force = Sanction.objects.in_force().values("pk")
    elsewhere = HiddenMessage.objects.filter(message=OuterRef("message"), sanction__in=in_force)
    rows = HiddenMessage.objects.filter(~Exists(elsewhere), sanction=sanction, message__rev=F("rev"))
    rows = rows.order_by("-message")
    found = list(rows.values_list("message__room", "message__seq", "rev"))
    restored, logged = 0, _logged(sanction)
    for start in range(0, len(found), AT_ONCE):
        part = [
            Show(room, by.pk, seq, rev=rev, **logged) for room, seq, rev in found[start : start + AT_ONCE]
        ]
        restored += len(_changed(part, post(part)))
    return restored


def _changed(commands: Sequence[Hide | Show], results: Sequence[Stored | Refusal]) -> list[Message]:
    return [
        result
        for command, result in zip(commands, results, strict=True)
        if command.changed and isinstance(result, Message)
    ]


def _logged(sanction: Sanction) -> dict[str, Any]:
    return {"reason": sanction.reason, "details": {"sanction": sanction.pk}}
