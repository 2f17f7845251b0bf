"""Links with which people join a room: make, use and revoke them."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from chat import events, ranks, standing
from chat.models import AuditEntry, JoinLink, Membership, Room, User
from chat.refusals import Refusal

from . import audit, authority
from .members import lock_room

AGES = {  # by the value of the form
    "hour": ("1 hour", timedelta(hours=1)),
    "day": ("1 day", timedelta(days=1)),
    "week": ("7 days", timedelta(days=7)),
    "month": ("30 days", timedelta(days=30)),
    "never": ("Never", None),
}
USES = {"1": 1, "5": 5, "25": 25, "": None}  # by the value of the form; None: without a limit
OPEN_LINKS = 20  # of one room at most


def make(room: Room, *, by: User, age: str, uses: str) -> tuple[JoinLink, str]:
    """Make a link and return it with its token, which is not stored. `age` is a key of AGES, `uses` of USES.

    Raises Refusal: bad_link, no_room, banned, removed, not_allowed, too_many_links.
    """
    if age not in AGES or uses not in USES:
        raise Refusal("bad_link")
    token, lasts = JoinLink.new_token(), AGES[age][1]
    with transaction.atomic():
        room = _lock(room, by)
        if room.join_links.open().count() >= OPEN_LINKS:
            raise Refusal("too_many_links", limit=OPEN_LINKS)
        link = JoinLink.objects.create(
            room=room,
            digest=JoinLink.digest_of(token),
            made_by=by,
            expires_at=room.now + lasts if lasts else None,
            max_uses=USES[uses],
        )
        details = {"link": link.pk, "age": age, "uses": USES[uses]}
        audit.record([audit.Decision("make_link", by, room=room, details=details)])
    return link, token


def revoke(link: JoinLink, *, by: User) -> None:
    """End a link. A repetition has no effect. Raises Refusal: no_room, banned, removed, not_allowed."""
    with transaction.atomic():
        room = _lock(link.room, by)
        if JoinLink.objects.filter(pk=link.pk, revoked_at=None).update(revoked_at=Now()):
            audit.record([audit.Decision("revoke_link", by, room=room, details={"link": link.pk})])


def find(token: str) -> JoinLink:
    """The link with this token, if people can join with it now.

    Raises Refusal: link_unknown, link_revoked, link_expired, link_used_up.
    """
    links = JoinLink.objects.of(token).filter(room__deleted_at=None).select_related("room", "made_by")
    link = links.annotate(database_now=Now()).first()
    if link is None or link.room.is_direct:
        raise Refusal("link_unknown")
    if link.revoked_at or not is_backed(link):
        raise Refusal("link_revoked")
    if link.expires_at and link.expires_at <= link.database_now:
        raise Refusal("link_expired")
    if link.max_uses is not None and link.uses >= link.max_uses:
        raise Refusal("link_used_up")
    return link


def is_backed(link: JoinLink) -> bool:
    """Whether its maker may still invite people. Otherwise the link of a former moderator would stay open."""
    maker = link.made_by
    may_invite = maker.is_active and ranks.may("invite", authority.rank_in(link.room, maker))
    return may_invite and not standing.barring(standing.in_force([maker]).get(maker.pk, ()), link.room_id)


def join(token: str, user: User) -> Room:
    """Make the user a member of the link's room. It costs a use, but not for somebody who is one already.

    Raises Refusal: what `find` raises; banned, removed, removed_by_owner.
    """
    with transaction.atomic():
        User.objects.lock([user.pk], for_deletion=False)  # before the room: see `authority`
        room = lock_room(find(token).room)
        refuse_kept_out(room, user)
        link = find(token)  # again: a decision may have ended it while this waited for the lock
        _, is_new = Membership.objects.get_or_create(room=room, user=user, defaults={"last_read": room.head})
        # The update repeats the conditions, so the number of uses is exact.
        if is_new and not JoinLink.objects.open().filter(pk=link.pk).update(uses=F("uses") + 1):
            raise Refusal("link_used_up")
        events.revoke(user.pk)
    return room


def refuse_kept_out(room: Room, user: User) -> None:
    """Raises Refusal: banned, removed; removed_by_owner, if an owner removed this member from a room that
    they cannot enter by themselves, and did not add them again. The audit log has the latest decision.
    """
    standing.refuse_barred(user, room.pk)
    if not room.is_private and room.posters != Room.MEMBERS:
        return
    if Membership.objects.filter(room=room, user=user).exists():
        return
    entries = AuditEntry.objects.filter(person_id=user.pk, room_id=room.pk, action="change_members")
    latest = entries.order_by("-number").first()
    if latest and latest.details.get("after") is None and latest.actor_id != user.pk:
        raise Refusal("removed_by_owner")


def _lock(room: Room, by: User) -> Room:
    """Raises Refusal: no_room, banned, removed, not_allowed."""
    parties = authority.lock(None, by, room.pk, decides=False)
    assert parties.room
    if parties.room.deleted_at or parties.room.is_direct:
        raise Refusal("no_room")
    standing.refuse_barred(parties.by, room.pk)
    ranks.require("invite", authority.rank_in(parties.room, parties.by))
    return parties.room
