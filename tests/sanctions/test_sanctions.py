"""Sanctions forbid to write or to enter, until they end, are lifted or acknowledged."""

import uuid
from datetime import timedelta

import pytest
from django.db.models.functions import Now

from chat.actions import members, people, sanctions
from chat.actions.changes import Delete, Edit, React, Restore
from chat.actions.messages import Draft, post
from chat.actions.moderation import hide, restore
from chat.models import Membership, Message, Room, Sanction, User
from chat.refusals import Refusal

from .posting import say

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)

FORBIDS = {"warning": "acknowledge_first", "mute": "muted", "ban": "banned", "removal": "removed"}


def end_now(sanction):
    Sanction.objects.filter(pk=sanction.pk).update(ends_at=Now())


@pytest.mark.parametrize("duration", [HOUR, None])
@pytest.mark.parametrize("site", [False, True])
@pytest.mark.parametrize("kind", FORBIDS)
def test_each_kind_forbids_posts_in_its_scope_until_it_ends(
    alice, root, kitchen, vault, kind, site, duration
):
    if kind == "removal" and site:
        return
    room = None if site else kitchen
    sanction = sanctions.impose(kind, alice, by=root, room=room, reason="Spam", duration=duration)
    assert say(kitchen, alice) == FORBIDS[kind]
    elsewhere = say(vault, alice)
    assert elsewhere == FORBIDS[kind] if site else elsewhere.text == "hello"
    end_now(sanction)  # nobody records it
    assert say(kitchen, alice).text == "hello"


def test_an_author_whom_the_socket_knows_is_read_again_after_a_decision(alice, bob, kitchen):
    known = User(pk=alice.pk, name="Alice")
    assert say(kitchen, alice, author=known, known_decisions=0).seq == 1
    sanctions.impose("mute", alice, by=bob, room=kitchen, reason="Spam", duration=HOUR)
    assert say(kitchen, alice, author=known, known_decisions=0) == "muted"


def test_a_normal_post_after_a_decision_takes_no_further_query(
    django_assert_num_queries, alice, bob, charlie, kitchen
):
    sanctions.impose("mute", charlie, by=bob, room=kitchen, reason="Spam")
    with django_assert_num_queries(4 + 2):  # this process reads the rules again, once
        say(kitchen, alice, author=alice, known_decisions=1)
    with django_assert_num_queries(3 + 2):
        say(kitchen, alice, author=alice, known_decisions=1)
    with django_assert_num_queries(4 + 2):  # a socket that does not know the decision yet
        say(kitchen, alice, author=alice, known_decisions=0)


def test_a_muted_person_deletes_own_messages_but_neither_edits_reacts_nor_takes_back(alice, bob, kitchen):
    say(kitchen, alice)
    say(kitchen, alice, "again")
    sanctions.impose("mute", alice, by=bob, room=kitchen, reason="Spam")
    acts = [
        Edit(kitchen.pk, alice.pk, 1, "other"),
        React(kitchen.pk, alice.pk, 1, "👍", True),
        Delete(kitchen.pk, alice.pk, 1),
        Restore(kitchen.pk, alice.pk, 1),
    ]
    results = [getattr(result, "code", "done") for result in post(acts)]
    assert results == ["muted", "muted", "done", "muted"]


def test_a_message_stored_before_the_mute_is_acknowledged_again(alice, bob, kitchen):
    draft = Draft(kitchen.pk, alice.pk, uuid.uuid4(), "once")
    post([draft])
    sanctions.impose("mute", alice, by=bob, room=kitchen, reason="Spam")
    assert post([draft])[0].seq == 1


def test_a_refusal_says_where_until_when_and_why(alice, bob, kitchen):
    sanctions.impose("mute", alice, by=bob, room=kitchen, reason="Too many links", duration=HOUR)
    (refusal,) = post([Draft(kitchen.pk, alice.pk, uuid.uuid4(), "hello")])
    assert refusal.message.startswith("You are muted in Kitchen until 20")
    assert refusal.message.endswith("UTC. Reason: Too many links")


def test_a_removal_ends_the_membership_for_an_hour_in_a_public_room(alice, bob, kitchen):
    removal = sanctions.impose("removal", alice, by=bob, room=kitchen, reason="Spam")
    assert removal.ends_at - removal.created_at == HOUR
    assert not Membership.objects.filter(room=kitchen, user=alice).exists()
    with pytest.raises(Refusal, match="You were removed from Kitchen"):
        members.enter(kitchen, User.objects.get(pk=alice.pk))
    end_now(removal)
    assert members.enter(kitchen, User.objects.get(pk=alice.pk))


def test_a_removal_from_a_private_room_lasts_until_an_owner_adds_the_person(
    alice, bob, owner, vault, actions_logged
):
    removal = sanctions.impose("removal", alice, by=bob, room=vault, reason="Spam")
    assert removal.ends_at is None
    members.add(vault, alice, by=owner)
    removal.refresh_from_db()
    assert removal.lifted_by == owner
    assert say(vault, alice).seq == 1
    assert actions_logged() == ["remove", "lift", "change_members"]


def test_a_banned_person_sees_no_room_and_a_removed_one_all_others(alice, bob, root, kitchen, vault):
    sanctions.impose("ban", alice, by=bob, room=vault, reason="Spam")
    alice.refresh_from_db()
    assert set(Room.objects.visible_to(alice)) == {kitchen}
    sanctions.impose("ban", alice, by=root, reason="Spam")
    assert not Room.objects.visible_to(alice).exists()


@pytest.mark.parametrize("duration", [HOUR, None])
@pytest.mark.parametrize("kind", FORBIDS)
def test_a_form_that_is_sent_twice_imposes_one_sanction(alice, bob, kitchen, actions_logged, kind, duration):
    def impose(**fields):
        return sanctions.impose(kind, alice, by=bob, room=kitchen, reason="Spam", **fields)

    first = impose(duration=duration)
    assert impose(duration=duration) == first and len(actions_logged()) == 1
    assert impose(duration=2 * HOUR) != first
    sanctions.lift(first, by=bob)
    assert impose(duration=duration) != first


@pytest.mark.parametrize("duration", [timedelta(), timedelta(seconds=-5), timedelta(days=100_000)])
def test_a_duration_is_bounded(alice, bob, kitchen, duration):
    with pytest.raises(Refusal, match="Choose a time"):
        sanctions.impose("mute", alice, by=bob, room=kitchen, reason="Spam", duration=duration)
    alice.refresh_from_db()
    assert not alice.is_sanctioned and not Sanction.objects.exists()


def test_a_sanction_without_a_reason_is_refused(alice, bob, kitchen):
    with pytest.raises(Refusal, match="Enter a reason"):
        sanctions.impose("mute", alice, by=bob, room=kitchen, reason=" ")


def test_an_end_is_recorded_once(alice, bob, kitchen, actions_logged):
    mute = sanctions.impose("mute", alice, by=bob, room=kitchen, reason="Spam", duration=HOUR)
    end_now(mute)
    assert [sanctions.end_over(), sanctions.end_over()] == [1, 0]
    assert actions_logged() == ["mute", "expire"]
    with pytest.raises(Refusal, match="is over"):
        sanctions.lift(mute, by=bob)


# ── warnings and appeals ─────────────────────────────────────────────────────────────────────────


def test_a_person_acknowledges_a_warning_once_and_writes_again(alice, bob, charlie, kitchen, actions_logged):
    warning = sanctions.impose("warning", alice, by=bob, room=kitchen, reason="Be kind")
    with pytest.raises(Refusal, match="no such sanction"):
        sanctions.acknowledge(warning, person=charlie)
    sanctions.acknowledge(warning, person=alice)
    assert say(kitchen, alice).seq == 1
    sanctions.acknowledge(warning, person=alice)  # again
    assert actions_logged() == ["warn", "acknowledge"]


def test_one_appeal_per_sanction_and_one_answer(alice, bob, owner, kitchen, actions_logged):
    mute = sanctions.impose("mute", alice, by=bob, room=kitchen, reason="Spam")
    with pytest.raises(Refusal, match="no appeal"):
        sanctions.answer_appeal(mute, by=owner, answer="No", lifts=False)
    sanctions.appeal(mute, "It was not me", person=alice)
    with pytest.raises(Refusal, match="already appealed"):
        sanctions.appeal(mute, "Really", person=alice)
    sanctions.answer_appeal(mute, by=owner, answer="You are right", lifts=True)
    with pytest.raises(Refusal, match="Olga has already answered"):
        sanctions.answer_appeal(mute, by=bob, answer="No", lifts=False)
    assert say(kitchen, alice).seq == 1
    assert actions_logged() == ["mute", "appeal", "answer_appeal", "lift"]


# ── hidden messages ──────────────────────────────────────────────────────────────────────────────


def visible(room):
    return list(
        Message.objects.filter(room=room, deleted_at=None).order_by("seq").values_list("seq", flat=True)
    )


def test_lifting_restores_exactly_what_the_ban_hid_and_nobody_hid_since(
    alice, bob, root, kitchen, vault, actions_logged
):
    post([Draft(kitchen.pk, alice.pk, uuid.uuid4(), f"{n}") for n in range(1, 6)])
    say(kitchen, bob)
    say(vault, alice)
    post([Delete(kitchen.pk, alice.pk, 1)])
    hide([Message.objects.get(room=kitchen, seq=2)], by=bob)
    ban = sanctions.impose("ban", alice, by=root, room=kitchen, reason="Spam", hides_messages=True)
    assert (visible(kitchen), visible(vault)) == ([6], [1])
    assert sorted(ban.hidden.values_list("seq", flat=True)) == [3, 4, 5]
    again = Message.objects.get(room=kitchen, seq=3)
    restore([again], by=bob)
    hide([Message.objects.get(room=kitchen, seq=3)], by=bob)  # for another reason
    sanctions.lift(ban, by=root)
    assert visible(kitchen) == [4, 5, 6]
    by_ban, by_hand = ["hide"] * 3, ["restore", "hide"]
    assert actions_logged() == ["hide", "ban", *by_ban, *by_hand, "lift", "restore", "restore"]


def test_messages_that_two_bans_hid_stay_hidden_until_both_are_lifted(alice, root, kitchen):
    say(kitchen, alice)
    ban = {"by": root, "hides_messages": True}
    first, second = (sanctions.impose("ban", alice, reason=why, **ban) for why in ("Spam", "Abuse"))
    sanctions.lift(first, by=root)
    assert visible(kitchen) == []
    sanctions.lift(second, by=root)
    assert visible(kitchen) == [1]


def test_a_deactivation_is_recorded_with_its_reason_and_stops_posts_at_once(
    alice, root, kitchen, actions_logged
):
    people.deactivate(alice, by=root, reason="A stolen account")
    assert say(kitchen, alice, author=User(pk=alice.pk, name="Alice"), known_decisions=0) == "no_room"
    assert actions_logged() == ["deactivate"]
