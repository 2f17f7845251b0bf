"""Deactivate and reactivate accounts."""

from __future__ import annotations

from django.db import transaction

from chat import events, ranks, text
from chat.models import PushSubscription, Room, User
from chat.models.sanction import REASON_LENGTH
from chat.refusals import Refusal

from . import audit


def deactivate(user: User, *, by: User, reason: str = "") -> None:
    """Deactivate an account: close its sockets and refuse its sessions until it is reactivated.
    Administrators manage the rooms that then have no active owner.

    Raises Refusal: not_yourself, not_allowed, not_above_you, too_long, characters.
    """
    _set_active(user, False, by, reason)


def reactivate(user: User, *, by: User, reason: str = "") -> None:
    """Raises Refusal: not_yourself, not_allowed, not_above_you, too_long, characters, account_deleted."""
    _set_active(user, True, by, reason)


def require_rank_above(action: str, user: User, by: User) -> None:
    """By the ranks on the site. Raises Refusal: not_yourself, not_allowed, not_above_you."""
    if user.pk == by.pk:
        raise Refusal("not_yourself")
    ranks.require(action, ranks.rank(by), on=ranks.rank(user))


def _set_active(user: User, active: bool, by: User, reason: str) -> None:
    """Like a ban it counts as a decision, so no post of a deactivated account is stored after it."""
    reason = text.clean_line(reason, REASON_LENGTH)
    require_rank_above("deactivate", user, by)
    with transaction.atomic():
        if User.objects.lock([user.pk], for_deletion=False).filter(deleted_at__isnull=False).exists():
            raise Refusal("account_deleted")
        Room.objects.decide(None)
        user.is_active = active
        user.save(update_fields=["is_active"])
        PushSubscription.objects.filter(user=user).delete()
        events.revoke(user.pk)
        action = "reactivate" if active else "deactivate"
        audit.record([audit.Decision(action, by=by, person=user, reason=reason)])
