"""Which people a person knows: whom they can see, share a room with, and write to directly.

A room may have 100,000 members, so each query looks at a bounded number of rows.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Q

from chat import names

from .membership import Membership
from .message import Message
from .people_search import begins_a_word
from .presence import Presence
from .room import Room
from .user import User
from .user_queries import UserQuerySet

AUTHORED = 1_000  # messages of an author
NEWEST, NAMED = 2_000, 500  # memberships, and people with the name, that a search looks at
FOUND = 20  # people in one answer
IN_COMMON = 6  # rooms on a card


def knows(user: User, other: User) -> bool:
    """Whether the other is a member of a room that the user may see, is present or wrote there: of an author
    who left all these rooms, AUTHORED messages are looked at.
    """
    visible = Room.objects.visible_to(user).values("pk")
    if Membership.objects.filter(user=other, room__in=visible).exists():
        return True
    if Presence.objects.fresh().filter(user=other, room__in=visible).exists():
        return True
    some = Message.objects.filter(author=other).order_by("-pk").values("pk")[:AUTHORED]
    return Message.objects.filter(pk__in=some, room__in=visible).exists()


def may_see_card(user: User, other: User) -> bool:
    """Whether the user may see this person: somebody they know, or an account to whom everyone may write."""
    return other.pk == user.pk or is_open(other) or knows(user, other)


def is_open(other: User) -> bool:
    """Whether everyone may see and write to this person."""
    return other.may_write == User.EVERYONE and other.is_active and not other.is_guest


def rooms_in_common(user: User, other: User) -> Sequence[Room]:
    """At most IN_COMMON, and one more if there are further ones."""
    rooms = Room.objects.visible_to(user).rooms().filter(memberships__user=user)
    return list(rooms.filter(pk__in=Membership.objects.filter(user=other).values("room"))[: IN_COMMON + 1])


def sharing_a_room(user: User, others: Collection[int]) -> set[int]:
    """Those of these people with whom the user shares a room. Direct conversations do not count."""
    found = Membership.objects.filter(user__in=others, room__in=_own_rooms(user))
    return set(found.values_list("user", flat=True).distinct())


def may_be_written_to(user: User, query: str, *, with_guests: bool, without: Collection[int]) -> list[User]:
    """At most FOUND people with whom the user can start a conversation, and whose name has a word that
    begins with the query. Those who ignore the user are left out, like those to whom nobody may write.
    """
    found = _candidates(user, query).filter(is_active=True).exclude(may_write=User.NOBODY)
    found = found.exclude(pk__in={user.pk, *user.blocked, *without})
    if not with_guests:
        found = found.exclude(is_guest=True)
    shared = Membership.objects.filter(user=OuterRef("pk"), room__in=_own_rooms(user))
    found = found.filter(Q(may_write=User.EVERYONE, is_guest=False) | Exists(shared))
    if query:
        found = found.filter(begins_a_word(query))
    people = found.order_by("name", "pk").only("name", "is_guest", "picture", "ignored")[: 2 * FOUND]
    return [person for person in people if user.pk not in person.ignored][:FOUND]


def _candidates(user: User, query: str) -> UserQuerySet:
    newest = Membership.objects.filter(room__in=_own_rooms(user)).order_by("-pk").values("user")[:NEWEST]
    candidates = Q(pk__in=newest)
    if key := names.skeleton(query) if query else "":
        named = User.objects.filter(name_key__startswith=key).values("pk")[:NAMED]
        candidates |= Q(pk__in=named)
    return User.objects.filter(candidates)


def _own_rooms(user: User) -> Any:
    """A subquery of ids."""
    return Room.objects.visible_to(user).rooms().filter(memberships__user=user).values("pk")
