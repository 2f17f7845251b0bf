"""A person changes how others see them: the display name, the picture, and settings of their own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from zoneinfo import available_timezones

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now

from chat import pictures, ranks
from chat.limits import limits
from chat.models import User, UserPicture
from chat.refusals import Refusal

from . import audit
from .people import check_free_name

TIME_ZONES = frozenset(available_timezones())


def rename(user: User, name: str) -> None:
    """Change one's display name. Open screens follow within a second.

    Raises Refusal: too_many_renames, sign_in, and those of `people.check_free_name`.
    """
    name = check_free_name(name, official=user.is_staff, of=user)
    if name == user.name:
        return
    limits().spend_personal("rename", user.pk)
    try:
        with locked(user) as person:
            person.name = name
            person.save(update_fields=["name"])
    except IntegrityError:
        raise Refusal("name_taken") from None
    user.name = name


def set_preferences(user: User, *, time_zone: str = "", language: str = "") -> None:
    """An empty time zone is that of the browser, an empty language that of the site.

    Raises Refusal: bad_time_zone, sign_in.
    """
    if time_zone and time_zone not in TIME_ZONES:
        raise Refusal("bad_time_zone")
    language = language if language in dict(settings.LANGUAGES) else ""
    with locked(user) as person:
        person.time_zone, person.language = time_zone, language
        person.save(update_fields=["time_zone", "language"])


def set_email(user: User, email: str) -> None:
    """Change or remove one's email address. Guests have none. Raises Refusal: accounts_only_here, sign_in."""
    if user.is_guest:
        raise Refusal("accounts_only_here")
    with locked(user) as person:
        person.email = User.objects.normalize_email(email)
        person.save(update_fields=["email"])


def set_picture(user: User, upload: bytes) -> None:
    """Raises Refusal: accounts_only_here, too_many_pictures, sign_in, and those of `pictures.encode`."""
    if user.is_guest:  # anybody can enter as a guest, again and again
        raise Refusal("accounts_only_here")
    limits().spend_personal("picture", user.pk)
    if not connection.in_atomic_block:
        connection.close()  # returns it to PostgreSQL's pool while the picture is decoded
    encoded = pictures.encode(upload)
    stored = {"large": encoded.large, "small": encoded.small, "changed_at": Now()}
    with locked(user) as person:
        UserPicture.objects.update_or_create(user=person, defaults=stored)
        _show(person, encoded.hash)


def remove_picture(user: User, *, by: User) -> None:
    """Remove one's own picture, or as a site moderator somebody else's. Initials are shown again.

    Raises Refusal: sign_in, not_allowed, not_above_you.
    """
    if by.pk != user.pk:
        ranks.require("remove_picture", ranks.rank(by), on=ranks.rank(user))
    with locked(user) as person:
        UserPicture.objects.filter(user=person).delete()
        _show(person, "")
        if by.pk != user.pk and person.picture:
            audit.record([audit.Decision("remove_picture", by=by, person=person)])


def _show(person: User, picture: str) -> None:
    """A new picture is announced like a new name: see `live.feeds.names`."""
    User.objects.filter(pk=person.pk).update(picture=picture, renamed_at=Now())


@contextmanager
def locked(user: User) -> Iterator[User]:
    """A transaction with the locked row of the person as it is now.

    Raises Refusal: sign_in, if the account was deleted or deactivated meanwhile.
    """
    with transaction.atomic():
        person = User.objects.lock([user.pk], for_deletion=False).filter(is_active=True).first()
        if person is None:
            raise Refusal("sign_in")
        yield person
