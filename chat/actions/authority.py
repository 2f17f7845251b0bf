"""The locks and the ranks of a decision about a person.

Order of locks: people by id, then rooms by id, then messages, then the head of the audit log. The lock on the
room makes a decision exact: a post that has the lock commits before it, and a later one sees it.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from django.db import transaction

from chat import ranks, standing
from chat.models import Membership, Room, User
from chat.ranks import Rank
from chat.refusals import Refusal


class Parties(NamedTuple):
    """Read again after the locks, so ranks are those at the decision."""

    person: User | None  # None: only an IP address is concerned
    by: User
    room: Room | None  # None: the whole site
    people: dict[int, User]  # all that are locked, by id


def lock(
    person_id: int | None, by: User, room_id: int | None, *, decides: bool, others: Collection[int] = ()
) -> Parties:
    """Lock the people and the room until the transaction ends. With `decides`, posts check again who may
    write: in this room, or without one in every room.

    Raises Refusal: no_room, not_allowed.
    """
    assert transaction.get_connection().in_atomic_block
    ids = {by.pk, *others, *([person_id] if person_id else ())}
    people = User.objects.lock(ids, for_deletion=False).in_bulk()
    rooms = Room.objects.lock([room_id]) if room_id else []
    if decides:
        Room.objects.decide(room_id)
    if room_id and not rooms:
        raise Refusal("no_room")
    if by.pk not in people or not people[by.pk].is_active or (person_id and person_id not in people):
        raise Refusal("no_room")
    person = people[person_id] if person_id else None
    return Parties(person, people[by.pk], rooms[0] if rooms else None, people)


def require_first(action: str, person: User | None, by: User, room: Room | None) -> None:
    """Check the ranks before `lock` too: otherwise a member could lock all rooms again and again.

    Raises what `require` raises.
    """
    require(action, Parties(person, by, room, {}))


def require(action: str, parties: Parties) -> None:
    """Raises Refusal: not_yourself, not_allowed, not_above_you; banned, removed."""
    person, by, room, _ = parties
    if person == by:
        raise Refusal("not_yourself")
    found = roles(room, [user.pk for user in (person, by) if user])
    if room:
        standing.refuse_barred(by, room.pk)
    on = ranks.rank(person, found.get(person.pk)) if person else None
    ranks.require(action, ranks.rank(by, found.get(by.pk)), on=on)


def roles(room: Room | None, user_ids: Collection[int]) -> dict[int, Membership]:
    """The memberships of these people in the room, by their id."""
    if room is None:
        return {}
    return {each.user_id: each for each in Membership.objects.filter(room=room, user__in=user_ids)}


def rank_in(room: Room | None, user: User) -> Rank:
    return ranks.rank(user, roles(room, [user.pk]).get(user.pk))
