"""Change a person's settings of notifications. `room_settings` has those of a room."""

from __future__ import annotations

from datetime import time, timedelta
from hashlib import sha256

from django.core import signing

from chat.models import NotificationSettings, User
from chat.models.notification_settings import KEY_LENGTH

SALT = "chat.unsubscribe"
CONFIRM_SALT = "chat.confirm-address"
CONFIRM_WITHIN = timedelta(days=3)


def settings_of(user: User) -> NotificationSettings:
    """The stored settings, or the defaults."""
    found = NotificationSettings.objects.filter(user=user).first()
    return found or NotificationSettings(user=user)


def change(
    user: User,
    *,
    mail: bool,
    sound: bool,
    quiet_from: time | None,
    quiet_until: time | None,
    zone: str,
) -> None:
    """`zone`: of the browser. It counts while the user has chosen no time zone."""
    values = {
        "mail": mail,
        "sound": sound,
        "quiet_from": quiet_from,
        "quiet_until": quiet_until,
        "zone": zone,
        "push_after": None,  # they may wait for the end of former quiet hours
    }
    NotificationSettings.objects.update_or_create(user=user, defaults=values)


def unsubscribe_token(user: User) -> str:
    """For a link in a mail. It works without login, and for ever, as mails are kept."""
    return signing.dumps(user.pk, salt=SALT)


def user_of(token: str) -> User | None:
    """The user whose mails this link ends."""
    try:
        return User.objects.filter(pk=signing.loads(token, salt=SALT)).first()
    except signing.BadSignature:
        return None


def stop_mails(user: User) -> None:
    NotificationSettings.objects.update_or_create(user=user, defaults={"mail": False})


def is_confirmed(stored: NotificationSettings, user: User) -> bool:
    return bool(user.email) and stored.confirmed_address == user.email


def confirmation_token(user: User) -> str:
    """For a link in a mail to the address of the user, which shows that they read it."""
    return signing.dumps([user.pk, user.email], salt=CONFIRM_SALT)


def user_to_confirm(token: str) -> User | None:
    """The account with the address of this link. None if it has another one now, or the link is too old."""
    try:
        pk, address = signing.loads(token, salt=CONFIRM_SALT, max_age=CONFIRM_WITHIN)
    except signing.BadSignature:
        return None
    return User.objects.filter(pk=pk, email=address, is_active=True, is_guest=False).first()


def confirm(user: User) -> None:
    """The user can read mails to their address. Whether they want some is another setting."""
    key = sha256(user.email.casefold().encode()).hexdigest()[:KEY_LENGTH]
    values = {"confirmed_address": user.email, "address_key": key}
    NotificationSettings.objects.update_or_create(user=user, defaults=values)
