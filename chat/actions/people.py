"""People: let in, signed up, and shut out."""

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import UserManager
from django.db import IntegrityError, transaction
from django.utils.crypto import get_random_string

from chat import events, names
from chat.models import Presence, User
from chat.refusals import Refusal

GUEST = "guest:"  # no login name can have a colon, so guests and accounts never meet
GUESTS_OF_ONE_NAME = 99  # here at the same moment


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


def sign_up(
    *, username: str, name: str = "", password: str, email: str = "", administrator: bool = False
) -> User:
    """Create an account. The caller has validated the password and the username.

    Raises what `new_account` and `store` raise.
    """
    return store(new_account(username, name, password, email, administrator))


def new_account(username: str, name: str, password: str, email: str, administrator: bool = False) -> User:
    """An account that is not stored yet, with its password hashed.

    Call it outside of a transaction, which would hold a database connection, and locks, while it hashes.

    Raises Refusal: those of `names.check_name`, too_many_attempts, busy.
    """
    return User(
        username=User.normalize_username(username),
        email=UserManager.normalize_email(email),
        name=names.check_name(name or username, official=administrator),
        is_staff=administrator,
        is_superuser=administrator,
        password=make_password(password),
    )


def store(account: User) -> User:
    """Raises Refusal: name_taken."""
    try:
        with transaction.atomic():
            account.save(force_insert=True)
    except IntegrityError:
        raise Refusal("name_taken") from None
    return account


def deactivate(user: User, *, by: User) -> None:
    """Their sockets close, and no sign-in of theirs works until the account is opened again.

    Raises Refusal: not_yourself, not_above_you.
    """
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
