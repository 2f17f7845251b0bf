"""Devices: where an account is logged in, and logging out there."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress

from django.contrib.sessions.models import Session
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from chat import events
from chat.models import Device, User
from chat.models.device import AGENT_LENGTH, PLACE_LENGTH, SEEN_EVERY


def seen(user_id: int, session_key: str, *, agent: str, place: str) -> None:
    """Note a session of an account, or when it was used last. It takes one statement."""
    device = Device(
        user_id=user_id,
        session_key=session_key,
        agent=agent[:AGENT_LENGTH],
        place=place[:PLACE_LENGTH],
        seen_at=Now(),
    )
    with suppress(IntegrityError):  # the account is gone
        Device.objects.bulk_create(
            [device],
            update_conflicts=True,
            unique_fields=["session_key"],
            update_fields=["user", "agent", "place", "seen_at"],
        )


def still_here(session_keys: Collection[str]) -> None:
    """Note that these sessions have a page open. It takes one statement."""
    stale = Device.objects.filter(session_key__in_array=session_keys, seen_at__lt=Now() - SEEN_EVERY / 2)
    stale.update(seen_at=Now())


def log_out(user: User, device_id: int) -> bool:
    """End one session of the user; its sockets close. Returns whether there was one."""
    return _end(user, Device.objects.filter(user=user, pk=device_id)) > 0


def log_out_elsewhere(user: User, session_key: str) -> int:
    """End all sessions of the user except this one. Returns their number."""
    return _end(user, Device.objects.filter(user=user).exclude(session_key=session_key))


def log_out_everywhere(user: User) -> None:
    """End all sessions of the user, in the transaction of the caller."""
    _end(user, Device.objects.filter(user=user))


def _end(user: User, devices: Collection[Device]) -> int:
    with transaction.atomic():
        keys = {device.session_key for device in devices}
        ended, _ = Session.objects.filter(pk__in_array=keys).delete()
        Device.objects.filter(session_key__in_array=keys).delete()
        events.revoke(user.pk)
    return ended
