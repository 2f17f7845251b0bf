"""A member's own settings for a room: notifications, favourite, place in their list."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Case, F, IntegerField, OuterRef, Subquery, Value, When

from chat.models import Membership, Message, Room, User
from chat.refusals import Refusal

MAX_PLACED = 200  # rooms of a person that have a place in their own order; later ones are listed by activity
LEVELS = ("", Membership.ALL, Membership.MENTIONS, Membership.NOTHING)


def set_for_me(
    room: Room,
    *,
    by: User,
    notify: str | None = None,
    favourite: bool | None = None,
    position: int | None = None,
) -> Membership:
    """Change the given settings of the membership. The person's other screens follow within two seconds.

    `position`: the place, from 1, among the favourites or among the other rooms (see `order_beside`).
    Raises Refusal: no_room if `by` is no member, bad_level.
    """
    if notify is not None and notify not in LEVELS:
        raise Refusal("bad_level")
    with transaction.atomic():
        User.objects.filter(pk=by.pk).touch()  # it locks the person, so two tabs change one after the other
        mine = Membership.objects.select_related("room").filter(room=room, user=by).first()
        if mine is None:
            raise Refusal("no_room")
        changes: dict[str, Any] = {} if notify is None else {"notify": notify}
        if favourite is not None and favourite != mine.is_favourite:
            changes |= {"is_favourite": favourite, "position": 0}  # its place was one in the other list
        for field, value in changes.items():
            setattr(mine, field, value)
        order = [] if position is None else [id for id in order_beside(mine) if id != mine.room_id]
        locked = Membership.objects.filter(user=by, room__in=[*order, mine.room_id]).lock()
        if changes:
            locked.filter(pk=mine.pk).update(**changes)
        if position is not None:
            order.insert(max(position, 1) - 1, mine.room_id)
            mine.position = _place(locked, order)[mine.room_id]
    return mine


def order_by_activity(*, by: User) -> None:
    """Forget the person's own order of rooms."""
    with transaction.atomic():
        User.objects.filter(pk=by.pk).touch()
        Membership.objects.filter(user=by).exclude(position=0).lock().update(position=0)


def order_beside(mine: Membership) -> list[int]:
    """The ids of the rooms among which this one has its place, in the person's order: their favourites, their
    direct conversations, or their other rooms. Rooms without a place come first, by activity.
    """
    same = Membership.objects.filter(user=mine.user_id, is_favourite=mine.is_favourite)
    if not mine.is_favourite:
        is_direct = mine.room.is_direct
        same = same.filter(room__kind=Room.DIRECT) if is_direct else same.exclude(room__kind=Room.DIRECT)
    latest = Message.objects.filter(room=OuterRef("room")).order_by("-seq").values("created_at")[:1]
    by_place = same.annotate(latest=Subquery(latest)).order_by(
        "position", F("latest").desc(nulls_last=True), "room__name", "pk"
    )
    return list(by_place.values_list("room", flat=True)[:MAX_PLACED])


def _place(memberships: Any, order: Sequence[int]) -> dict[int, int]:
    """Store this order of rooms, and return the places by id."""
    places = {id: place for place, id in enumerate(order, start=1)}
    number = Case(
        *(When(room=id, then=Value(place)) for id, place in places.items()), output_field=IntegerField()
    )
    memberships.update(position=number)
    return places
