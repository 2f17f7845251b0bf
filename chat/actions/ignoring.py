"""Ignore a person: their messages fold for this user alone, and their mentions do not notify."""

from django.db import transaction
from django.db.models import F

from chat.models import Mention, User
from chat.refusals import Refusal

from .mentions import count_again

MAX_IGNORED = 500  # people; each page of messages carries their ids


def ignore(user: User, other: User, on: bool) -> list[int]:
    """Ignore a person, or stop ignoring them. Returns the ids of the people whom the user ignores now. A
    person who is blocked stays ignored: `blocking.block` ends both.

    Unread mentions by this person are removed for good. A repetition has no effect.
    Raises Refusal: ignoring_yourself, too_many_ignored, direct_blocked.
    """
    with transaction.atomic():
        change_ignored(user, other, on)
        if not on and other.pk in user.blocked:
            raise Refusal("direct_blocked", name=other)
    return user.ignored


def change_ignored(user: User, other: User, on: bool) -> None:
    """Change the list of ignored people in this transaction. Raises Refusal: those of `ignore`."""
    if other.pk == user.pk:
        raise Refusal("ignoring_yourself")
    # The list is read under the lock: two tabs may change it at the same time.
    found = User.objects.select_for_update(no_key=True).only("ignored", "blocked").get(pk=user.pk)
    ignored = [id for id in found.ignored if id != other.pk]
    if on and len(ignored) >= MAX_IGNORED:
        raise Refusal("too_many_ignored", limit=MAX_IGNORED)
    user.ignored, user.blocked = [*ignored, other.pk] if on else ignored, found.blocked
    user.save(update_fields=["ignored"])
    User.objects.filter(pk=user.pk).touch()
    if on:
        _forget_mentions(user, other)


def _forget_mentions(user: User, author: User) -> None:
    """Delete the unread mentions of `user` in messages of `author`, and count the rest again.

    A row that a concurrent edit rewrites is skipped: to wait for it could deadlock.
    """
    unread = Mention.objects.filter(
        user=user,
        message__author=author,
        room__memberships__user=user,
        seq__gt=F("room__memberships__last_read"),
    )
    rows = Mention.objects.filter(pk__in=unread.values("pk")).select_for_update(skip_locked=True)
    found = dict(rows.values_list("pk", "room"))
    Mention.objects.filter(pk__in_array=found).delete()
    count_again({(room_id, user.pk) for room_id in found.values()})
