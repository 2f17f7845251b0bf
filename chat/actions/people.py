"""Create guests and accounts; deactivate, reactivate and delete them."""

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import UserManager
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils.crypto import get_random_string

from chat import events, names, ranks
from chat.models import User
from chat.ranks import Rank
from chat.refusals import Refusal

from .audit import Decision, record

GUEST_PREFIX = "guest:"  # of usernames; an account's username has no colon, so the two never collide
MAX_NAMESAKES = 99  # guests with the same name who are present at the same time


def enter_as_guest(name: str) -> User:
    """Create a guest: a user without a password, whose name no account has. If a guest with this name is
    present, the new guest is called "Ayu 2".

    Raises Refusal: guests_closed, name_taken, and those of `names.check_name`.
    """
    if not settings.OBROLAN_GUESTS:
        raise Refusal("guests_closed")
    name = names.check_name(name)
    if User.objects.accounts().looking_like(name).exists():
        raise Refusal("name_taken")
    return User.objects.create(
        username=f"{GUEST_PREFIX}{get_random_string(22)}",
        password=make_password(None),
        name=_free_guest_name(name),
        is_guest=True,
    )


def _free_guest_name(name: str) -> str:
    for number in range(1, MAX_NAMESAKES + 1):
        suffix = f" {number}" if number > 1 else ""
        candidate = name[: names.NAME_LENGTH - len(suffix)].rstrip() + suffix
        if not User.objects.named_like(candidate).exists():
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
    """Return an account that is not stored yet, with its password hashed.

    Call it outside of a transaction, which would hold a database connection and locks during the hash.

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
    """Validate a display name and return it as it is stored. No account and no guest who is present has it,
    except `of`.

    For accounts a database constraint decides. Guests are checked without a lock, and count as present once
    their page has connected, so two guests who enter at the same moment may get the same name.
    Raises Refusal: name_taken, and those of `names.check_name`.
    """
    name = names.check_name(name, official=official)
    if User.objects.named_like(name).exclude(pk=of.pk if of else None).exists():
        raise Refusal("name_taken")
    return name


def deactivate(user: User, *, by: User) -> None:
    """Deactivate an account: close its sockets and refuse its sessions until it is reactivated.
    Administrators manage the rooms that then have no active owner.

    Raises Refusal: not_yourself, not_above_you.
    """
    _require_rank_above(user, by)
    _set_active(user, False)


def reactivate(user: User, *, by: User) -> None:
    """Raises Refusal: not_yourself, not_above_you."""
    _require_rank_above(user, by)
    _set_active(user, True)


def delete(user: User, *, by: User) -> None:
    """Delete a user who never wrote a message. Others can be deactivated instead.
    Administrators manage the rooms that then have no owner.

    Raises Refusal: not_yourself, not_above_you, wrote_messages.
    """
    _require_rank_above(user, by)
    try:
        with transaction.atomic():
            users = User.objects.lock([user.pk])
            events.revoke(user.pk)
            users.delete()
    except ProtectedError:
        raise Refusal("wrote_messages") from None


def set_role(user: User, role: Rank, *, by: User) -> None:
    """Make an account a member, a site moderator or an administrator. Nobody changes their own role, so an
    administrator is always left.

    Raises Refusal: not_yourself, not_allowed, guests_have_no_role.
    """
    if user.pk == by.pk:
        raise Refusal("not_yourself")
    with transaction.atomic():
        locked = {one.pk: one for one in User.objects.lock({user.pk, by.pk})}
        ranks.require("set_role", ranks.rank(locked[by.pk]) if by.pk in locked else Rank.MEMBER)
        person = locked[user.pk]
        if person.is_guest:
            raise Refusal("guests_have_no_role")
        before = ranks.rank(person)
        person.is_staff, person.is_superuser = role >= Rank.SITE_MODERATOR, role == Rank.ADMINISTRATOR
        person.save(update_fields=["is_staff", "is_superuser"])
        events.revoke(person.pk)
        details = {"from": ranks.SITE_ROLES[before], "to": ranks.SITE_ROLES[role]}
        record([Decision("set_role", by=by, person=person, details=details)])
    user.is_staff, user.is_superuser = person.is_staff, person.is_superuser


def sessions_ended(user: User) -> None:
    """Close the sockets of the user's sessions that have ended, by a logout or a new password."""
    events.revoke(user.pk)


def _require_rank_above(user: User, by: User) -> None:
    if user.pk == by.pk:
        raise Refusal("not_yourself")
    if user.is_staff and not by.is_superuser:
        raise Refusal("not_above_you")


def _set_active(user: User, active: bool) -> None:
    with transaction.atomic():
        user.is_active = active
        user.save(update_fields=["is_active"])
        events.revoke(user.pk)
