"""One-use links that create an account: invitations, and the link for the first administrator."""

import secrets
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from chat.models import Invitation, User
from chat.refusals import Refusal

from . import people

INVITATION_AGE = timedelta(days=7)
FIRST_LINK_AGE = timedelta(days=1)


def invite(*, by: User) -> str:
    """Create a link for one account, valid for INVITATION_AGE, and return its token."""
    return _make(INVITATION_AGE, made_by=by)


def invite_first_administrator() -> str:
    """Create a link for the first administrator and return its token. Older links become invalid.

    Raises Refusal: link_spent if there is an administrator already.
    """
    with transaction.atomic():
        _refuse_second_administrator()
        Invitation.objects.filter(administrator=True).delete()
        return _make(FIRST_LINK_AGE, administrator=True)


def find_open(token: str, *, administrator: bool = False) -> Invitation:
    """Find the unused and unexpired link with this token. Raises Refusal: link_spent, signup_closed."""
    invitation = Invitation.objects.open().of(token).filter(administrator=administrator).first()
    if invitation is None:
        raise Refusal("link_spent")
    if administrator:
        _refuse_second_administrator()
    elif settings.OBROLAN_SIGNUP == "closed":
        raise Refusal("signup_closed")
    return invitation


def accept(token: str, *, administrator: bool = False, **fields: Any) -> User:
    """Create an account with a link, or make one of a guest, and mark the link as used. The fields are those
    of `people.new_account`.

    Raises what `find_open` and `people.sign_up` raise; the link then stays valid.
    """
    find_open(token, administrator=administrator)
    account = people.new_account(administrator=administrator, **fields)
    with transaction.atomic():
        invitation = find_open(token, administrator=administrator)
        # The update repeats the condition and locks the row: of two simultaneous requests only one succeeds.
        if not Invitation.objects.open().filter(pk=invitation.pk).update(used_at=Now()):
            raise Refusal("link_spent")
        user = people.store(account)
        Invitation.objects.filter(pk=invitation.pk).update(used_by=user)
    return user


def _make(age: timedelta, **fields: Any) -> str:
    token = secrets.token_urlsafe(24)
    digest = Invitation.digest_of(token)
    Invitation.objects.create(digest=digest, expires_at=timezone.now() + age, **fields)
    return token


def _refuse_second_administrator() -> None:
    if User.objects.filter(is_superuser=True).exists():
        raise Refusal("link_spent")
