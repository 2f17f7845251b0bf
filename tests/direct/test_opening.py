"""Rights to start a direct conversation. The same people always have the same one."""

import pytest

from chat.actions import blocking, direct, ignoring, members, modes, people, rooms, rules, sanctions
from chat.client_ip import serving
from chat.models import Membership, Room, Sanction, User
from chat.refusals import Refusal
from tests.conftest import create_person

pytestmark = pytest.mark.django_db


def outcome(by, *others):
    """“new”, “same” as before, or the code of the refusal."""
    before = Room.objects.direct().count()
    try:
        direct.open_direct(others, by=by)
    except Refusal as refusal:
        return refusal.code
    return "new" if Room.objects.direct().count() > before else "same"


def guest(name, *rooms_of):
    person = User.objects.create_user(f"guest:{name}", name=name, is_guest=True)
    for room in rooms_of:
        Membership.objects.create(room=room, user=person)
    return person


def test_the_same_people_always_have_the_same_conversation(pair, alice, bob, charlie, kitchen):
    Membership.objects.create(room=kitchen, user=charlie)
    assert direct.open_direct([alice], by=bob) == direct.open_direct([bob, alice], by=alice) == pair
    three = direct.open_direct([charlie, bob], by=alice)
    assert three != pair and direct.open_direct([alice, bob], by=charlie) == three
    assert set(three.members.all()) == {alice, bob, charlie}
    assert set(three.memberships.values_list("role", flat=True)) == {Membership.MEMBER}
    assert three.slug.startswith("d-") and len(three.slug) == 2 + direct.SLUG_LENGTH


def test_it_has_two_to_ten_people(alice, kitchen):
    others = [create_person(f"Person {letter}") for letter in "abcdefghij"]
    Membership.objects.bulk_create(Membership(room=kitchen, user=other) for other in others)
    assert outcome(alice) == outcome(alice, alice) == outcome(alice, *others) == "direct_size"
    assert outcome(alice, *others[:9]) == "new"


@pytest.mark.parametrize(
    ("setting", "of_room", "of_nobody"),
    [
        ("everyone", "new", "new"),
        ("shared", "new", "direct_unknown"),
        ("nobody", "direct_refused", "direct_unknown"),
    ],
)
def test_a_person_chooses_who_may_start_one(alice, bob, charlie, kitchen, setting, of_room, of_nobody):
    direct.set_may_write(bob, setting)
    Membership.objects.create(
        room=Room.objects.create(slug="attic", name="Attic", kind="private"), user=charlie
    )
    Membership.objects.filter(user=bob, room=kitchen).update(room=hidden(alice))
    assert outcome(charlie, bob) == of_nobody
    assert outcome(alice, bob) == of_room


def hidden(member):
    room = Room.objects.create(slug="hidden", name="Hidden", kind="private")
    Membership.objects.create(room=room, user=member)
    return room


def test_a_direct_conversation_is_no_room_in_common(pair, alice, bob, charlie, kitchen):
    Membership.objects.create(room=kitchen, user=charlie)
    three = direct.open_direct([bob, charlie], by=alice)
    Membership.objects.filter(room=kitchen).delete()
    assert outcome(charlie, bob) == "direct_refused" and outcome(charlie, alice, bob) == "same"
    assert three.memberships.count() == 3


def test_somebody_who_ignores_or_blocked_the_person_refuses_like_nobody(alice, bob, kitchen):
    texts = set()
    for close in (
        lambda: direct.set_may_write(bob, "nobody"),
        lambda: ignoring.ignore(bob, alice, True),
        lambda: blocking.block(bob, alice, True),
        lambda: User.objects.filter(pk=bob.pk).update(is_active=False),
    ):
        close()
        with pytest.raises(Refusal) as refused:
            direct.open_direct([bob], by=alice)
        texts.add((refused.value.code, refused.value.message))
        User.objects.filter(pk=bob.pk).update(may_write="shared", ignored=[], blocked=[], is_active=True)
        bob.refresh_from_db()
    assert texts == {("direct_refused", "You cannot start a conversation with Bob.")}


def test_nobody_starts_one_with_a_person_whom_they_blocked(alice, bob, kitchen):
    blocking.block(alice, bob, True)
    assert outcome(User.objects.get(pk=alice.pk), bob) == "direct_blocked"


def test_guests_take_part_only_if_the_operator_allows_it(alice, bob, kitchen, settings):
    visitor = guest("Visitor", kitchen)
    assert (
        outcome(visitor, alice) == outcome(alice, visitor) == outcome(alice, bob, visitor) == "direct_guests"
    )
    settings.OBROLAN_GUESTS_DIRECT = True
    assert outcome(visitor, alice) == "new" and outcome(alice, visitor) == "same"


@pytest.mark.parametrize(
    ("kind", "code"),
    [(Sanction.MUTE, "muted"), (Sanction.BAN, "banned"), (Sanction.WARNING, "acknowledge_first")],
)
def test_a_person_who_is_sanctioned_on_the_site_starts_none_and_writes_nowhere(
    pair, alice, bob, charlie, kitchen, say, kind, code
):
    root = User.objects.create_superuser("root")
    Membership.objects.create(room=kitchen, user=charlie)
    sanctions.impose(kind, alice, by=root, reason="Spam")
    alice.refresh_from_db()
    assert outcome(alice, charlie) == code
    assert say(pair, alice, "Hello") == [code]
    assert outcome(alice, bob) == ("banned" if kind == Sanction.BAN else "same")


def test_only_so_many_are_started_in_an_hour(alice, kitchen):
    others = [create_person(f"Person {number:x}x") for number in range(10, 31)]
    Membership.objects.bulk_create(Membership(room=kitchen, user=other) for other in others)
    with serving("192.0.2.7"):
        assert [outcome(alice, other) for other in others] == ["new"] * 20 + ["too_many_direct"]
        assert outcome(alice, others[0]) == "same", "an existing one costs nothing"


def test_a_removed_person_does_not_come_back_by_starting_it_again(pair, alice, bob):
    root = User.objects.create_superuser("root")
    sanctions.impose(Sanction.REMOVAL, alice, by=root, room=pair, reason="Spam")
    alice.refresh_from_db()
    assert outcome(alice, bob) == "removed"


def test_a_deleted_conversation_can_be_started_again(pair, alice, bob):
    root = User.objects.create_superuser("root")
    modes.delete(pair, by=root)
    assert outcome(alice, bob) == "new"
    with pytest.raises(Refusal) as refused:
        modes.restore(pair, by=root)
    assert refused.value.code == "direct_exists"


def test_it_has_no_settings_no_modes_and_other_people_never(pair, alice, bob, charlie):
    """Not even for the site's administrators."""
    root = User.objects.create_superuser("root")
    for act in (
        lambda: rooms.update(pair, by=root, name="Ours"),
        lambda: rooms.update(pair, by=root, kind=Room.PUBLIC),
        lambda: members.add(pair, charlie, by=root),
        lambda: members.add(pair, alice, Membership.OWNER, by=root),
        lambda: members.remove(pair, alice, by=root),
        lambda: members.remove(pair, alice, by=alice),
        lambda: modes.set_modes(pair, by=root, slow_mode=5),
        lambda: modes.calm_down(pair, by=root),
        lambda: modes.archive(pair, by=root),
        lambda: rules.add(pair, by=root, pattern="word", effect="mask"),
    ):
        with pytest.raises(Refusal) as refused:
            act()
        assert refused.value.code == "direct_only"
    with pytest.raises(Refusal):
        rooms.update(Room.objects.create(slug="attic", name="Attic"), by=root, kind=Room.DIRECT)


def test_its_title_is_no_name_of_a_room(pair, alice):
    assert rooms.find(pair.name, by=alice) is None and rooms.find(pair.slug, by=alice) is None


def test_a_person_who_is_deleted_leaves_it(pair, alice, bob, say):
    root = User.objects.create_superuser("root")
    say(pair, alice, "Hello")
    people.delete(bob, by=root)
    assert list(pair.members.all()) == [alice]
