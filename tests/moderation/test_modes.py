"""The modes of a room: who can write in each, when that changes, and what the log says about it."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chat.actions import changes, modes
from chat.actions.messages import Draft, post
from chat.models import AuditEntry, Membership, Message, Room, User
from chat.refusals import Refusal

pytestmark = pytest.mark.django_db


@pytest.fixture
def guest():
    return User.objects.create(username="guest:1", name="Ayu", is_guest=True)


@pytest.fixture
def owner(kitchen):
    owner = User.objects.create_user("olga", name="Olga")
    Membership.objects.create(room=kitchen, user=owner, role=Membership.OWNER)
    return owner


@pytest.fixture
def rut():
    return User.objects.create_superuser("rut")


def draft(room, author, text="hello"):
    """As the socket sends it: the author is known from the heartbeat."""
    author = User(pk=author.pk, name=author.name, is_guest=author.is_guest)
    return Draft(room.pk, author.pk, uuid.uuid4(), text, author=author)


def outcome(room, author):
    (done,) = post([draft(room, author)])
    return done.code if isinstance(done, Refusal) else "posted"


@pytest.fixture
def people(alice, bob, charlie, guest, rut):
    return {"guest": guest, "account": charlie, "member": alice, "moderator": bob, "administrator": rut}


WRITERS = {  # by mode: who can write, of `people`
    "none": ({}, "guest account member moderator administrator"),
    "locked": ({"is_locked": True}, "moderator administrator"),
    "accounts": ({"posters": "accounts"}, "account member moderator administrator"),
    "members": ({"posters": "members"}, "member moderator administrator"),
    "calm": ({"calm_until": timedelta(minutes=10)}, "moderator administrator"),
    "calm until a moment ago": (
        {"calm_until": -timedelta(seconds=1)},
        "guest account member moderator administrator",
    ),
    "archived": ({"archived_at": timedelta()}, ""),
    "deleted": ({"deleted_at": timedelta()}, ""),
}


@pytest.mark.parametrize("mode", WRITERS)
def test_each_mode_lets_these_people_write(kitchen, people, mode):
    fields, writers = WRITERS[mode]
    now = timezone.now()
    values = {name: now + value if isinstance(value, timedelta) else value for name, value in fields.items()}
    Room.objects.filter(pk=kitchen.pk).update(**values)
    assert {name for name, person in people.items() if outcome(kitchen, person) == "posted"} == set(
        writers.split()
    )


def test_in_slow_mode_a_second_message_is_refused_with_the_time_to_wait(kitchen, people, bob):
    modes.set_modes(kitchen, by=bob, slow_mode=30)
    for name, person in people.items():
        first, second = post([draft(kitchen, person), draft(kitchen, person)])
        assert isinstance(first, Message)
        if name in ("moderator", "administrator"):
            assert isinstance(second, Message)
            continue
        (third,) = post([draft(kitchen, person)])
        assert [second.code, third.code] == ["slow_mode", "slow_mode"]
        assert third.retry and 25_000 < third.retry_after_ms <= 30_000


def test_slow_mode_ends_with_its_time(kitchen, alice, bob):
    modes.set_modes(kitchen, by=bob, slow_mode=30)
    assert outcome(kitchen, alice) == "posted"
    Message.objects.update(created_at=timezone.now() - timedelta(seconds=15))
    assert outcome(kitchen, alice) == "slow_mode"
    Message.objects.update(created_at=timezone.now() - timedelta(seconds=31))
    assert outcome(kitchen, alice) == "posted"


def test_slow_mode_counts_the_messages_of_this_room_and_this_person_only(kitchen, vault, alice, bob, charlie):
    modes.set_modes(kitchen, by=bob, slow_mode=30)
    assert [outcome(vault, alice), outcome(kitchen, charlie), outcome(kitchen, alice)] == ["posted"] * 3


def test_a_message_that_was_stored_is_acknowledged_again_in_every_mode(kitchen, alice, bob):
    modes.set_modes(kitchen, by=bob, slow_mode=30)
    sent = draft(kitchen, alice)
    (message,) = post([sent])
    (again,) = post([sent])
    modes.set_modes(kitchen, by=bob, is_locked=True)
    (locked,) = post([sent])
    assert message.seq == again.seq == locked.seq


def test_edits_and_reactions_follow_the_modes_but_a_deletion_does_not(kitchen, alice, bob):
    post([draft(kitchen, alice)])
    modes.set_modes(kitchen, by=bob, is_locked=True, reason="Dinner")
    edit, react, delete = post(
        [
            changes.Edit(kitchen.pk, alice.pk, 1, "changed"),
            changes.React(kitchen.pk, alice.pk, 1, "👍", True),
            changes.Delete(kitchen.pk, alice.pk, 1),
        ]
    )
    assert [edit.code, react.code] == ["read_only", "read_only"]
    assert edit.message == "This room is locked: only moderators can write. Dinner"
    assert delete.deleted_at


def test_a_room_that_was_calmed_down_reopens_by_itself_or_by_hand(kitchen, alice, bob):
    room = modes.calm_down(kitchen, by=bob, reason="Breathe")
    assert outcome(kitchen, alice) == "read_only"
    assert room.calm_until - room.now == timedelta(minutes=10)
    modes.reopen(kitchen, by=bob)
    assert outcome(kitchen, alice) == "posted"


@pytest.mark.parametrize("rank", ["guest", "account", "member", "moderator", "owner", "administrator"])
def test_the_ranks_that_may_change_modes(kitchen, people, owner, rank):
    by = (people | {"owner": owner})[rank]
    acts = {
        "moderator": [
            lambda: modes.set_modes(kitchen, by=by, slow_mode=10, is_locked=True),
            lambda: modes.calm_down(kitchen, by=by),
            lambda: modes.reopen(kitchen, by=by),
        ],
        "owner": [
            lambda: modes.set_modes(kitchen, by=by, posters="accounts", approve_first=2),
            lambda: modes.archive(kitchen, by=by),
            lambda: modes.unarchive(kitchen, by=by),
        ],
        "administrator": [
            lambda: modes.delete(kitchen, by=by),
            lambda: modes.restore(kitchen, by=by),
        ],
    }
    order = ["guest", "account", "member", "moderator", "owner", "administrator"]
    for lowest, calls in acts.items():
        for call in calls:
            if order.index(rank) >= order.index(lowest):
                call()
            else:
                with pytest.raises(Refusal) as refused:
                    call()
                assert refused.value.code == "not_allowed"


def test_each_change_is_in_the_log_once(kitchen, bob):
    for _ in range(2):
        modes.set_modes(kitchen, by=bob, slow_mode=10, reason="Too fast")
    (entry,) = AuditEntry.objects.all()
    assert (entry.action, entry.actor_id, entry.room_id) == ("set_mode", bob.pk, kitchen.pk)
    assert (entry.reason, entry.details) == ("Too fast", {"slow_mode": [0, 10]})


WRONG = {"slow_mode": 7, "posters": "nobody", "approve_first": -1, "is_locked": "yes", "head": 1}


@pytest.mark.parametrize("field", WRONG)
def test_a_mode_that_does_not_exist_is_refused(kitchen, bob, field):
    with pytest.raises(Refusal) as refused:
        modes.set_modes(kitchen, by=bob, **{field: WRONG[field]})
    assert refused.value.code == "bad_mode"


def test_a_deleted_room_is_restored_unless_its_name_is_taken(client, kitchen, alice, rut):
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    modes.delete(kitchen, by=rut)
    for page in ("", "about/", "messages/", "people/", "rules/", "leave/"):
        assert client.get(f"/rooms/kitchen/{page}").status_code == 404
    assert b"Kitchen" not in client.get("/").content
    taken = Room.objects.create(slug="other", name="KITCHEN")
    with pytest.raises(Refusal) as refused:
        modes.restore(kitchen, by=rut)
    assert refused.value.code == "room_name_taken"
    taken.delete()
    modes.restore(kitchen, by=rut)
    assert client.get("/rooms/kitchen/").status_code == 200


def test_a_room_that_a_purge_removes_is_not_restored(kitchen, rut, settings):
    modes.delete(kitchen, by=rut)
    kept = timedelta(days=settings.OBROLAN_KEEP_HIDDEN)
    for late in (timedelta(seconds=1), timedelta(hours=1)):
        Room.objects.filter(pk=kitchen.pk).update(deleted_at=timezone.now() - kept - late)
        with pytest.raises(Refusal) as refused:
            modes.restore(kitchen, by=rut)
        assert refused.value.code == "too_late"
    Room.objects.filter(pk=kitchen.pk).update(deleted_at=timezone.now() - kept + timedelta(hours=1))
    assert modes.restore(kitchen, by=rut).deleted_at is None


@pytest.mark.parametrize("reason, code", [("x" * 201, "too_long"), ("a\0b", "characters")])
def test_a_reason_that_cannot_be_stored_is_refused(kitchen, bob, reason, code):
    for change in (modes.calm_down, lambda room, **fields: modes.set_modes(room, slow_mode=10, **fields)):
        with pytest.raises(Refusal) as refused:
            change(kitchen, by=bob, reason=reason)
        assert refused.value.code == code


def test_six_messages_refused_at_once_take_as_many_queries_as_two(kitchen, bob):
    modes.set_modes(kitchen, by=bob, slow_mode=30)
    people = [User.objects.create_user(f"person{n}") for n in range(6)]
    assert {outcome(kitchen, each) for each in people} == {"posted"}
    counts = []
    for several in (people[:2], people):
        with CaptureQueriesContext(connection) as queries:
            assert {done.code for done in post([draft(kitchen, each) for each in several])} == {"slow_mode"}
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_modes_and_other_settings_are_saved_together(client, kitchen, owner):
    """The modes first: they lock the person, and then the room."""
    client.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    fields = {"name": "Cellar", "kind": "public", "slow_mode": 10, "approve_first": 0, "posters": "everyone"}
    shown = {"name": "Kitchen", "kind": "public", "slow_mode": 0, "approve_first": 0, "posters": "everyone"}
    initial = {f"initial-{name}": value for name, value in shown.items()}
    assert client.post("/rooms/kitchen/edit/", fields | initial).status_code == 302
    assert list(AuditEntry.objects.order_by("number").values_list("action", flat=True)) == [
        "set_mode",
        "change_room",
    ]


def test_newcomers_of_a_room_for_members_read_and_are_no_members(client, kitchen, charlie, owner):
    modes.set_modes(kitchen, by=owner, posters="members")
    client.force_login(charlie, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/rooms/kitchen/").status_code == 200
    assert not kitchen.memberships.filter(user=charlie).exists()


def test_a_post_in_a_slow_room_takes_three_queries_more_for_any_number(
    django_assert_num_queries, kitchen, alice, bob, charlie
):
    modes.set_modes(kitchen, by=bob, slow_mode=10)
    with django_assert_num_queries(3 + 3 + 2):  # people, memberships, latest messages; and the savepoint
        post([draft(kitchen, person) for person in (alice, bob, charlie)])
