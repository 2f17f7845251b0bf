"""Create guests and accounts; deactivate, reactivate and delete them."""

from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import UserManager
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils.crypto import get_random_string

from chat import events, names
from chat.client_ip import current_ip, limit_key
from chat.models import Sanction, User
from chat.refusals import Refusal

from . import audit
from .activation import deactivate as deactivate
from .activation import reactivate as reactivate
from .activation import require_rank_above
from .roles import set_role as set_role
from .upgrading import upgrade

GUEST_PREFIX = "guest:"  # of usernames; an account's username has no colon, so the two never collide
MAX_NAMESAKES = 99  # guests with the same name who are present at the same time


def enter_as_guest(name: str) -> User:
    """Create a guest: a user without a password, whose name no account has. If a guest with this name is
    present, the new guest is called "Ayu 2".

    Raises Refusal: guests_closed, name_taken, address_banned, and those of `names.check_name`.
    """
    if not settings.OBROLAN_GUESTS:
        raise Refusal("guests_closed")
    name = names.check_name(name)
    if User.objects.accounts().looking_like(name).exists():
        raise Refusal("name_taken")
    guest = User(
        username=f"{GUEST_PREFIX}{get_random_string(22)}",
        password=make_password(None),
        name=_free_guest_name(name),
        is_guest=True,
        entry_ip=_address(),
    )
    with transaction.atomic():
        Sanction.objects.lock_addresses(shared=True)
        refuse_banned_address()
        # A ban of this address in one room concerns the new guest too.
        guest.is_sanctioned = Sanction.objects.in_force().of([guest]).exists()
        guest.save(force_insert=True)
    return guest


def refuse_banned_address() -> None:
    """Refuse guests and new accounts from an address that is banned from the site.

    Raises Refusal: address_banned.
    """
    if address := _address():
        bans = Sanction.objects.in_force().filter(address=address, room=None)
        if (reason := bans.values_list("reason", flat=True).first()) is not None:
            raise Refusal("address_banned", reason=reason)


def _address() -> str | None:
    """The address of the current request, as bans store it."""
    ip = current_ip()
    return limit_key(ip) if ip else None


def _free_guest_name(name: str) -> str:
    for number in range(1, MAX_NAMESAKES + 1):
        suffix = f" {number}" if number > 1 else ""
        candidate = name[: names.NAME_LENGTH - len(suffix)].rstrip() + suffix
        if not User.objects.named_like(candidate).exists():
            return candidate
    raise Refusal("name_taken")


def sign_up(**fields: Any) -> User:
    """Create an account, or make one of a guest. The caller has validated the password and the username.
    Raises what `new_account` and `store` raise, and address_banned.
    """
    refuse_banned_address()
    return store(new_account(**fields))


def new_account(
    *,
    username: str,
    password: str,
    name: str = "",
    email: str = "",
    administrator: bool = False,
    guest: User | None = None,
) -> User:
    """Return an account that is not stored yet, with its password hashed. That of a guest has the guest's id.

    Call it outside of a transaction, which would hold a database connection and locks during the hash.
    Raises Refusal: too_many_attempts, busy, and those of `check_free_name`.
    """
    name = name or (guest.name if guest else username)
    return User(
        pk=guest.pk if guest else None,
        username=User.normalize_username(username),
        email=UserManager.normalize_email(email),
        name=check_free_name(name, official=administrator, of=guest),
        is_staff=administrator,
        is_superuser=administrator,
        password=make_password(password),
    )


def store(account: User) -> User:
    """Store an account of `new_account`. Raises Refusal: name_taken, and those of `upgrade`."""
    try:
        with transaction.atomic():
            if account.pk is not None:
                return upgrade(account)
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


def delete(user: User, *, by: User) -> None:
    """Delete a user who never wrote a message. Others can be deactivated instead.
    Administrators manage the rooms that then have no owner.

    Raises Refusal: not_yourself, not_allowed, not_above_you, wrote_messages.
    """
    require_rank_above("delete_person", user, by)
    try:
        with transaction.atomic():
            users = User.objects.lock([user.pk])
            events.revoke(user.pk)
            users.delete()
            audit.record([audit.Decision("delete_person", by=by, person=user)])
    except ProtectedError:
        raise Refusal("wrote_messages") from None


def sessions_ended(user: User) -> None:
    """Close the sockets of the user's sessions that have ended, by a logout or a new password."""
    events.revoke(user.pk)
