"""The rooms of an owner who deletes their account.

The rule: the moderator who joined first becomes the owner, otherwise the member who joined first; guests only
if nobody else is there. A private room without another member is archived, since nobody could open it.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import Case, IntegerField, Q, Value, When
from django.utils import timezone

from chat import events
from chat.models import Membership, Room, Sanction, User

from . import audit

REASON = "The owner deleted the account."


def hand_over_rooms(user: User) -> None:
    """One room after another, so that no other room waits."""
    owned = Membership.objects.filter(user=user, role=Membership.OWNER).order_by("room")
    for room_id in list(owned.values_list("room", flat=True)):
        with transaction.atomic():
            User.objects.lock([user.pk], for_deletion=False)  # before the room: see `authority`
            for room in Room.objects.lock([room_id]):
                hand_over(room, user)


def hand_over(room: Room, user: User) -> None:
    """Give a locked room another owner, if the user is its only active one. Direct rooms have no owner."""
    members = room.memberships.filter(user__is_active=True).exclude(user__in=_barred(room))
    owners = set(members.filter(role=Membership.OWNER).values_list("user", flat=True))
    if room.deleted_at or owners != {user.pk}:
        return
    heir = members.exclude(user=user).select_related("user").order_by(_rank(), "joined_at", "pk").first()
    if heir is None:
        _archive(room)
        return
    details = {"before": heir.role, "after": Membership.OWNER}
    room.memberships.filter(user__in=[user.pk, heir.user_id]).lock()
    heir.role = Membership.OWNER
    heir.save(update_fields=["role"])
    Membership.objects.filter(room=room, user=user).update(role=Membership.MEMBER)
    events.revoke(heir.user_id)
    decision = audit.Decision("change_members", person=heir.user, room=room, reason=REASON, details=details)
    audit.record([decision])


def _barred(room: Room) -> list[int]:
    """People who cannot open the room do not become its owner."""
    bars = Sanction.objects.in_force().barring().filter(Q(room=None) | Q(room=room)).exclude(person=None)
    return list(bars.values_list("person", flat=True))


def _rank() -> Case:
    return Case(
        When(role=Membership.MODERATOR, then=Value(0)),
        When(user__is_guest=False, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )


def _archive(room: Room) -> None:
    if not room.is_private or room.archived_at:
        return
    room.archived_at, room.notice = timezone.now(), REASON
    room.save(update_fields=["archived_at", "notice"])
    events.publish_room(room)
    audit.record([audit.Decision("archive_room", room=room, reason=REASON, details={"archived": True})])
