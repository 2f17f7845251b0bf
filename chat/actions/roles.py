"""Roles on the site: member, site moderator and administrator. Only administrators set them."""

from django.db import transaction

from chat import events, ranks
from chat.models import User
from chat.ranks import Rank
from chat.refusals import Refusal

from .audit import Decision, record


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
