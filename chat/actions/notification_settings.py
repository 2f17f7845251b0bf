"""Change a person's settings of notifications. `room_settings` has those of a room."""

from __future__ import annotations

from datetime import time

from django.core import signing

from chat.models import NotificationSettings, User

SALT = "chat.unsubscribe"


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
