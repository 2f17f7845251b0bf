"""People: guests, new accounts, deactivated and deleted accounts."""

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import UserManager
from django.db import IntegrityError, transaction
from django.utils.crypto import get_random_string

from chat import events, names
from chat.models import User
from chat.refusals import Refusal

GUEST = "guest:"  # no username of an account has a colon, so guests and accounts never collide
GUESTS_OF_ONE_NAME = 99  # present at the same time


def enter_as_guest(name: str) -> User:
    """A new guest: no password, and a name that no account has. If a guest with that name is present, the new
    one becomes "Ayu 2".

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
    for number in range(1, GUESTS_OF_ONE_NAME + 1):
        tail = f" {number}" if number > 1 else ""
        candidate = name[: names.NAME_LENGTH - len(tail)].rstrip() + tail
        if not User.objects.holding(candidate).exists():
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

    Raises Refusal: too_many_attempts, busy, and those of `check_free_name`.
    """
    return User(
        username=User.normalize_username(username),
        email=UserManager.normalize_email(email),
        name=check_free_name(name or username, official=administrator),
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


def check_free_name(name: str, *, official: bool = False, of: User | None = None) -> str:
    """The name as it is stored, if nobody but `of` has it: no account, and no guest who is present.

    A constraint keeps accounts apart. Guests are checked without a lock: a guest counts as present once their
    page has connected, so one who enters at the same moment may end with the same name.
    Raises Refusal: name_taken, and those of `names.check_name`.
    """
    name = names.check_name(name, official=official)
    if User.objects.holding(name).exclude(pk=of.pk if of else None).exists():
        raise Refusal("name_taken")
    return name


def deactivate(user: User, *, by: User) -> None:
    """Close the person's sockets and refuse their sessions until the account is reactivated. Rooms that only
    they own have no active owner then; administrators manage these.

    Raises Refusal: not_yourself, not_above_you.
    """
    _refuse_above(user, by)
    _set_active(user, False)


def reactivate(user: User, *, by: User) -> None:
    """Raises Refusal: not_yourself, not_above_you."""
    _refuse_above(user, by)
    _set_active(user, True)


def delete(user: User, *, by: User) -> None:
    """Delete a person who never wrote a message (others raise ProtectedError: deactivate them). Rooms that
    only they owned have no owner then; administrators manage these.

    Raises Refusal: not_yourself, not_above_you.
    """
    _refuse_above(user, by)
    with transaction.atomic():
        events.revoke(user.pk)
        user.delete()


def sign_ins_ended(user: User) -> None:
    """Close the sockets of sessions that have ended: the person logged out or has a new password."""
    events.revoke(user.pk)


def _refuse_above(user: User, by: User) -> None:
    if user.pk == by.pk:
        raise Refusal("not_yourself")
    if user.is_staff and not by.is_superuser:
        raise Refusal("not_above_you")


def _set_active(user: User, active: bool) -> None:
    with transaction.atomic():
        user.is_active = active
        user.save(update_fields=["is_active"])
        events.revoke(user.pk)
