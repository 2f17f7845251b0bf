"""People: let in, invited, signed up, and shut out."""

import secrets
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.crypto import get_random_string

from chat import events, names
from chat.models import Invitation, Presence, User
from chat.refusals import Refusal

GUEST = "guest:"  # no login name can have a colon, so guests and accounts never meet
GUESTS_OF_ONE_NAME = 99  # here at the same moment
INVITATION_AGE = timedelta(days=7)
FIRST_LINK_AGE = timedelta(days=1)


def enter_as_guest(name: str) -> User:
    """A guest's row: no password, and a name that no account has. When a guest of that name is here now,
    the newcomer becomes "Ayu 2".

    Raises Refusal: guests_closed, name_taken, and those of `names.check_name`.
    """
    if not settings.OBROLAN_GUESTS:
        raise Refusal("guests_closed")
    name = names.check_name(name)
    if User.objects.accounts().looking_like(name).exists():
        raise Refusal("name_taken")
    return User.objects.create(
        username=f"{GUEST}{get_random_string(22)}",
        password=make_password(None),
        name=_free_for_a_guest(name),
        is_guest=True,
    )


def _free_for_a_guest(name: str) -> str:
    here = Presence.objects.fresh().values("user")
    for number in range(1, GUESTS_OF_ONE_NAME + 1):
        tail = f" {number}" if number > 1 else ""
        candidate = name[: names.NAME_LENGTH - len(tail)].rstrip() + tail
        alike = User.objects.looking_like(candidate)
        if not alike.accounts().exists() and not alike.guests().filter(pk__in=here).exists():
            return candidate
    raise Refusal("name_taken")


def sign_up(*, username: str, name: str = "", password: str, email: str = "", **rights: bool) -> User:
    """An account. The caller has validated the password and the login name.

    Raises Refusal: name_taken, and those of `names.check_name`.
    """
    name = names.check_name(name or username)
    try:
        with transaction.atomic():
            return User.objects.create_user(username, email, password, name=name, **rights)
    except IntegrityError:
        raise Refusal("name_taken") from None


def invite(*, by: User) -> str:
    """The token of a link that makes one account within INVITATION_AGE."""
    return _open_invitation(INVITATION_AGE, made_by=by)


def invite_first_administrator() -> str:
    """The token of a link that makes the first administrator; every older one is void.

    Raises Refusal: link_spent when there is an administrator.
    """
    with transaction.atomic():
        _refuse_second_first_administrator()
        Invitation.objects.filter(administrator=True).delete()
        return _open_invitation(FIRST_LINK_AGE, administrator=True)


def open_invitation(token: str, *, administrator: bool = False) -> Invitation:
    """Raises Refusal: link_spent, signup_closed."""
    invitation = Invitation.objects.open().of(token).filter(administrator=administrator).first()
    if invitation is None:
        raise Refusal("link_spent")
    if administrator:
        _refuse_second_first_administrator()
    elif settings.OBROLAN_SIGNUP == "closed":
        raise Refusal("signup_closed")
    return invitation


def accept(token: str, *, administrator: bool = False, **account: str) -> User:
    """Make the account that the link is for. Raises what `open_invitation` and `sign_up` raise, and then the
    link can be used again."""
    rights = {"is_staff": True, "is_superuser": True} if administrator else {}
    with transaction.atomic():
        invitation = open_invitation(token, administrator=administrator)
        # The condition again, in the statement that locks the row: of two at the same moment one wins.
        if not Invitation.objects.open().filter(pk=invitation.pk).update(used_at=Now()):
            raise Refusal("link_spent")
        user = sign_up(**account, **rights)
        Invitation.objects.filter(pk=invitation.pk).update(used_by=user)
    return user


def _open_invitation(age: timedelta, **fields: Any) -> str:
    token = secrets.token_urlsafe(24)
    digest = Invitation.digest_of(token)
    Invitation.objects.create(digest=digest, expires_at=timezone.now() + age, **fields)
    return token


def _refuse_second_first_administrator() -> None:
    if User.objects.filter(is_superuser=True).exists():
        raise Refusal("link_spent")


def deactivate(user: User, *, by: User) -> None:
    """They are signed out everywhere and their sockets close. Raises Refusal: not_yourself, not_above_you."""
    _may_shut_out(user, by)
    _set_active(user, False)


def reactivate(user: User, *, by: User) -> None:
    """Raises Refusal: not_yourself, not_above_you."""
    _may_shut_out(user, by)
    _set_active(user, True)


def delete(user: User, *, by: User) -> None:
    """Only who never wrote can be deleted (ProtectedError); others are deactivated, and their words stay.

    Raises Refusal: not_yourself, not_above_you.
    """
    _may_shut_out(user, by)
    with transaction.atomic():
        events.revoke(user.pk)
        user.delete()


def sign_ins_ended(user: User) -> None:
    """Some or all of their sign-ins are over, since they left or have a new password: those sockets close."""
    events.revoke(user.pk)


def _may_shut_out(user: User, by: User) -> None:
    if user.pk == by.pk:
        raise Refusal("not_yourself")
    if user.is_staff and not by.is_superuser:
        raise Refusal("not_above_you")


def _set_active(user: User, active: bool) -> None:
    with transaction.atomic():
        user.is_active = active
        user.save(update_fields=["is_active"])
        events.revoke(user.pk)
