"""A person deletes their own account. The row stays without their data, since messages refer to it.

Messages stay as those of a "Deleted account", or are deleted too, as OBROLAN_DELETED_ACCOUNTS says: in parts,
by the web processes (`take_messages`), so no transaction holds rooms for long. A deletion survives a restart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.crypto import get_random_string

from chat import events
from chat.models import (
    HeldMessage,
    Membership,
    Mention,
    Message,
    NotificationSettings,
    PushSubscription,
    Room,
    User,
    UserPicture,
)
from chat.refusals import Refusal

from . import audit, devices
from .changes import Delete
from .heirs import hand_over, hand_over_rooms
from .messages import post
from .moderation import AT_ONCE

NAME = "Deleted account"
USERNAME_PREFIX = "deleted:"  # an account's username has no colon
LAST_POSTS_WITHIN = timedelta(minutes=1)  # sockets close within seconds


def delete_account(user: User) -> None:
    """Delete the account of a guest or of an account. The caller has confirmed that they mean it.

    Sanctions stay with the row, and the audit log stays. Raises Refusal: last_administrator, sign_in.
    """
    hand_over_rooms(user)  # in a transaction for each room
    with audit.together():
        person = _lock(user)
        rooms = Room.objects.lock(_rooms_of(person))
        # Posts that are under way are checked again, and refused.
        Room.objects.filter(pk__in_array=[room.pk for room in rooms]).update(decisions=F("decisions") + 1)
        for room in rooms:
            hand_over(room, person)  # one that the person was given meanwhile
        _forget(person)
        _anonymise(person)


def _lock(user: User) -> User:
    """The person's row as it is now. All administrators are locked: of the last two, one stays."""
    is_concerned = Q(pk=user.pk) | Q(is_superuser=True, is_active=True)
    ids = User.objects.filter(is_concerned).values_list("pk", flat=True)
    people = {one.pk: one for one in User.objects.lock(set(ids), for_deletion=False)}
    person = people.get(user.pk)
    if person is None or not person.is_active:
        raise Refusal("sign_in")
    others = [one for one in people.values() if one.is_superuser and one.is_active and one != person]
    if person.is_superuser and not others:
        raise Refusal("last_administrator")
    return person


def _rooms_of(person: User) -> Sequence[int]:
    return list(Membership.objects.filter(user=person).values_list("room", flat=True))


def _forget(person: User) -> None:
    """Direct conversations keep the membership: their title is the names of the others."""
    devices.log_out_everywhere(person)
    for kept in (UserPicture, PushSubscription, NotificationSettings):
        kept.objects.filter(user=person).delete()
    waiting = HeldMessage.objects.filter(author=person, decided_at=None)
    waiting.update(decided_at=Now(), decided_by=person)
    HeldMessage.objects.filter(author=person).update(told_at=Now(), text="")
    # In the order of read marks, and without the mentions that an edit rewrites: to wait could deadlock.
    mentions = Mention.objects.filter(user=person).select_for_update(skip_locked=True)
    Mention.objects.filter(pk__in_array=list(mentions.values_list("pk", flat=True))).delete()
    memberships = Membership.objects.filter(user=person).exclude(room__kind=Room.DIRECT)
    memberships.lock(for_deletion=True).delete()


def _anonymise(person: User) -> None:
    """Everything about the person goes that they gave. The password ends sessions that nobody noted."""
    takes_messages = settings.OBROLAN_DELETED_ACCOUNTS == "remove"
    User.objects.filter(pk=person.pk).update(
        username=f"{USERNAME_PREFIX}{get_random_string(22)}",
        name=NAME,
        name_key=person.key_of_deleted,
        email="",
        password=make_password(None),
        picture="",
        time_zone="",
        language="",
        ignored=[],
        blocked=[],
        may_write=User.NOBODY,
        last_login=None,
        is_active=False,
        is_staff=False,
        is_superuser=False,
        deleted_at=Now(),
        renamed_at=Now(),
        rooms_changed_at=Now(),
        messages_taken=0 if takes_messages else None,
    )
    events.revoke(person.pk)


# ── the messages ─────────────────────────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class Take(Delete):
    """A deletion by the author, who has no account any more."""

    needs_access: ClassVar[bool] = False

    @property
    def needs_role(self) -> bool:
        return False


def take_messages() -> int:
    """Delete the next AT_ONCE messages of one deleted account. Returns their number.

    The lock of the person's row gives each part to one process; others take the next person. Usually there
    is nobody, and nothing is locked.
    """
    waiting = User.objects.filter(messages_taken__isnull=False).order_by("pk")
    if not waiting.exists():
        return 0
    with transaction.atomic():
        person = waiting.select_for_update(skip_locked=True, no_key=True).first()
        if person is None:
            return 0
        theirs = Message.objects.filter(author=person, pk__gt=person.messages_taken).order_by("pk")
        found = list(theirs.values_list("pk", "room", "seq")[:AT_ONCE])
        results = post([Take(room, person.pk, seq) for _, room, seq in found])
        if any(isinstance(result, Refusal) and result.retry for result in results):
            return 0  # the database rejected one: the whole part is tried again later
        if found:
            person.messages_taken = found[-1][0]
        elif person.deleted_at is None or timezone.now() - person.deleted_at > LAST_POSTS_WITHIN:
            person.messages_taken = None
        User.objects.filter(pk=person.pk).update(messages_taken=person.messages_taken)
    return len(found)
