"""A guest becomes an account: the same row, so the name, the rooms, the read marks and the messages stay."""

from __future__ import annotations

from django.db.models.functions import Now

from chat.models import User
from chat.refusals import Refusal

FIELDS = ["username", "email", "name", "password", "is_guest"]


def upgrade(account: User) -> User:
    """Store an account under the id of a guest, inside a transaction.

    Sanctions of the guest stay, and so does `entry_ip`, with the bans of that address. Of two submits at once
    the second is refused: the lock decides. Raises Refusal: not_a_guest; and IntegrityError for a taken name.
    """
    guest = User.objects.lock([account.pk], for_deletion=False).filter(is_active=True, is_guest=True).first()
    if guest is None:
        raise Refusal("not_a_guest")
    for field in FIELDS:
        setattr(guest, field, getattr(account, field))
    guest.save(update_fields=FIELDS)
    # Screens drop the word "guest", also if the name is the same.
    User.objects.filter(pk=guest.pk).update(renamed_at=Now())
    return guest
