"""Each action on a person needs the rank of the table, and a higher rank than the person's."""

import pytest

from chat.actions import sanctions
from chat.models import Membership, Sanction, User
from chat.ranks import LOWEST, Rank
from chat.refusals import Refusal

pytestmark = pytest.mark.django_db

ROLES = {
    Rank.MEMBER: Membership.MEMBER,
    Rank.ROOM_MODERATOR: Membership.MODERATOR,
    Rank.ROOM_OWNER: Membership.OWNER,
}
IN_ROOM = [
    (Sanction.WARNING, "warn"),
    (Sanction.MUTE, "mute"),
    (Sanction.REMOVAL, "remove"),
    (Sanction.BAN, "ban"),
]


def person_of(rank, room, name):
    staff, superuser = rank >= Rank.SITE_MODERATOR, rank == Rank.ADMINISTRATOR
    person = User.objects.create_user(name, is_staff=staff, is_superuser=superuser)
    if rank in ROLES:
        Membership.objects.create(room=room, user=person, role=ROLES[rank])
    return person


def outcome(act):
    try:
        act()
    except Refusal as refusal:
        return refusal.code
    return "done"


def expected(action, by, on):
    if by < LOWEST[action]:
        return "not_allowed"
    return "not_above_you" if on >= by else "done"


@pytest.mark.parametrize("on", Rank)
@pytest.mark.parametrize("by", Rank)
@pytest.mark.parametrize(("kind", "action"), IN_ROOM)
def test_a_sanction_in_a_room(kitchen, kind, action, by, on):
    actor, target = person_of(by, kitchen, "actor"), person_of(on, kitchen, "target")
    done = outcome(lambda: sanctions.impose(kind, target, by=actor, room=kitchen, reason="Spam"))
    assert done == expected(action, by, on)
    assert Sanction.objects.count() == (done == "done")


def on_site(rank):
    return rank if rank >= Rank.SITE_MODERATOR else Rank.MEMBER


@pytest.mark.parametrize("on", Rank)
@pytest.mark.parametrize("by", Rank)
@pytest.mark.parametrize("kind", [Sanction.WARNING, Sanction.MUTE, Sanction.BAN])
def test_a_sanction_on_the_whole_site(kitchen, kind, by, on):
    """Roles in rooms do not count there."""
    actor, target = person_of(by, kitchen, "actor"), person_of(on, kitchen, "target")
    done = outcome(lambda: sanctions.impose(kind, target, by=actor, reason="Spam"))
    assert done == expected("sanction_site", on_site(by), on_site(on))


@pytest.mark.parametrize("on", Rank)
@pytest.mark.parametrize("by", Rank)
@pytest.mark.parametrize("site", [False, True])
def test_lifting(kitchen, site, by, on):
    actor, target = person_of(by, kitchen, "actor"), person_of(on, kitchen, "target")
    room = None if site else kitchen
    sanction = Sanction.objects.create(kind=Sanction.MUTE, person=target, room=room, reason="Spam")
    done = outcome(lambda: sanctions.lift(sanction, by=actor))
    ranks = (on_site(by), on_site(on)) if site else (by, on)
    assert done == expected("sanction_site" if site else "lift", *ranks)


@pytest.mark.parametrize("by", Rank)
def test_banning_an_address(kitchen, by):
    actor = person_of(by, kitchen, "actor")
    done = outcome(lambda: sanctions.ban_address("192.0.2.7", by=actor, reason="Spam", duration=None))
    assert done == ("done" if by >= Rank.SITE_MODERATOR else "not_allowed")


@pytest.mark.parametrize("by", Rank)
def test_nobody_sanctions_themselves_or_lifts_their_own_sanction(kitchen, by):
    actor = person_of(by, kitchen, "actor")
    mute = {"by": actor, "room": kitchen, "reason": "A rest"}
    assert outcome(lambda: sanctions.impose(Sanction.MUTE, actor, **mute)) == "not_yourself"
    own = Sanction.objects.create(kind=Sanction.MUTE, person=actor, room=kitchen, reason="Spam")
    assert outcome(lambda: sanctions.lift(own, by=actor)) == "not_yourself"


def test_a_banned_moderator_cannot_moderate(kitchen, alice, bob, owner):
    sanctions.impose(Sanction.BAN, bob, by=owner, room=kitchen, reason="Spam")
    mute = {"by": bob, "room": kitchen, "reason": "Spam"}
    assert outcome(lambda: sanctions.impose(Sanction.MUTE, alice, **mute)) == "banned"
