"""Cases: one moderator decides about each, in one transaction, and the others see who decided what."""

from datetime import timedelta

import pytest

from chat.actions import audit, cases
from chat.actions.moderation import hide
from chat.actions.reports import report_message, report_person
from chat.models import AuditEntry, Case, Membership, Message, Room, Sanction, User
from chat.refusals import Refusal
from tests.at_once import at_once
from tests.conftest import create_person

DAY = timedelta(days=1)


@pytest.fixture
def case(kitchen, alice, charlie, say):
    """A case about a message of Alice, reported by Charlie."""
    (message,) = say(kitchen, alice, "an insult")
    return report_message(message, by=charlie, reason="abuse").case


@pytest.mark.django_db
def test_a_decision_hides_the_message_sanctions_the_person_and_closes_the_case(case, kitchen, alice, bob):
    mute = {"kind": Sanction.MUTE, "reason": "Be kind.", "duration": DAY}
    closed = cases.decide(case, by=bob, hides=True, sanction=mute, answer="Thank you.")
    assert closed.outcome == "Message hidden, muted for 1 day" and closed.answer == "Thank you."
    assert (closed.closed_by, closed.closed_at is None) == (bob, False)
    sanction = Sanction.objects.get()
    assert (sanction.person, sanction.room, sanction.case) == (alice, kitchen, case)
    assert Message.objects.get().deleted_by == bob
    logged = AuditEntry.objects.order_by("number").values_list("action", "reason")
    assert list(logged) == [
        ("report", ""), ("mute", "Be kind."), ("hide", "Be kind."), ("close_case", ""),
    ]  # fmt: skip
    assert audit.first_broken() is None


@pytest.mark.django_db
def test_a_site_moderator_sanctions_on_the_whole_site(case, mara):
    ban = {"kind": Sanction.BAN, "reason": "Spam.", "room": None}
    assert cases.decide(case, by=mara, sanction=ban).outcome == "Banned on the whole site"
    assert Sanction.objects.get().room is None and Message.objects.get().deleted_at is None


@pytest.mark.django_db
def test_a_case_can_be_closed_without_an_action(case, bob):
    assert cases.decide(case, by=bob).outcome == "No action"


@pytest.mark.django_db
def test_a_ban_that_hides_messages_hides_the_others_too(case, kitchen, alice, bob, say):
    say(kitchen, alice, "more", "and more")
    ban = {"kind": Sanction.BAN, "reason": "Spam.", "hides_messages": True}
    cases.decide(case, by=bob, hides=True, sanction=ban)
    assert not Message.objects.filter(deleted_at=None).exists()
    assert AuditEntry.objects.filter(action="hide").count() == 3


@pytest.mark.django_db
def test_if_the_sanction_is_refused_nothing_is_decided(case, kitchen, alice, bob):
    Membership.objects.filter(room=kitchen, user=alice).update(role=Membership.OWNER)
    mute = {"kind": Sanction.MUTE, "reason": "Be kind.", "duration": DAY}
    assert code(cases.decide, case, by=bob, hides=True, sanction=mute) == "not_above_you"
    assert code(cases.decide, case, by=bob, hides=True) == "not_above_you"
    case.refresh_from_db()
    assert case.closed_at is None and Message.objects.get().deleted_at is None
    assert list(AuditEntry.objects.values_list("action", flat=True)) == ["report"]


@pytest.mark.django_db
def test_room_moderators_decide_the_cases_of_their_room_and_nobody_about_themselves(
    case, vault, alice, bob, charlie, mara
):
    for outsider in (alice, charlie):
        assert code(cases.close, case, by=outsider) in ("not_allowed", "not_yourself")
    elsewhere = Room.objects.create(slug="attic", name="Attic")
    Membership.objects.create(room=elsewhere, user=charlie, role=Membership.OWNER)
    assert code(cases.close, case, by=charlie) == "not_allowed"
    on_site = report_person(alice, by=mara, reason="spam").case
    assert code(cases.take, on_site, by=bob) == "not_allowed"
    on_mara = report_person(mara, by=create_superuser(), reason="other").case
    assert code(cases.close, on_mara, by=mara) == "not_yourself"
    assert cases.take(case, by=bob).assignee == bob
    assert cases.take(case, by=mara).assignee == mara


@pytest.mark.django_db
def test_nobody_decides_about_a_person_of_their_rank_or_above(case, kitchen, alice, bob, mara):
    acts = (cases.take, cases.close, cases.decide)
    Membership.objects.filter(room=kitchen, user=alice).update(role=Membership.OWNER)
    assert [code(act, case, by=bob) for act in acts] == ["not_above_you"] * 3
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    assert [code(act, case, by=mara) for act in acts] == ["not_above_you"] * 3
    User.objects.filter(pk=alice.pk).update(is_superuser=True)
    assert cases.close(case, by=create_superuser()).outcome == "No action"


@pytest.mark.django_db
def test_the_second_moderator_sees_who_decided_and_what(case, bob, mara):
    cases.decide(case, by=bob, hides=True)
    for act in (cases.take, cases.close, cases.decide):
        with pytest.raises(Refusal) as refused:
            act(case, by=mara)
        assert refused.value.message == "Bob has closed this case already: Message hidden."


@pytest.mark.django_db
def test_a_message_that_is_hidden_already_does_not_prevent_a_decision(case, bob, mara):
    hide([Message.objects.get()], by=mara)
    assert cases.decide(case, by=bob, hides=True).outcome == "Message hidden"
    assert Message.objects.get().deleted_by == mara
    assert AuditEntry.objects.filter(action="hide").count() == 1


@pytest.mark.django_db
def test_a_moderator_opens_a_case(kitchen, alice, bob):
    report_person(alice, room=kitchen, by=bob, reason="other", words="Look at this")
    assert Case.objects.get().reports.get().reporter == bob


def test_of_moderators_who_decide_at_the_same_moment_one_succeeds(site, case, kitchen, alice, bob, mara):
    moderators = [bob, mara]
    for number in range(4):
        person = create_person(f"Moderator{number}")
        Membership.objects.create(room=kitchen, user=person, role=Membership.MODERATOR)
        moderators.append(person)
    done = at_once(site, decide, [(case.pk, person.pk) for person in moderators])
    assert sorted(done) == ["case_closed"] * 5 + ["done"]
    winner = moderators[done.index("done")]
    assert Case.objects.get().closed_by == winner and Sanction.objects.get().by == winner
    assert Message.objects.get().deleted_by == winner
    assert AuditEntry.objects.filter(action="close_case").count() == 1


def test_many_decisions_at_the_same_moment_keep_the_log_unbroken(site, kitchen, vault, alice, bob, say):
    """Each locks a case, a person, a room and the head of the log: none waits for another in a circle."""
    found = []
    for room in (kitchen, vault):
        for number in range(10):
            author = create_person(f"{room} author {number % 3}") if number < 3 else User.objects.get(
                name=f"{room} author {number % 3}"
            )  # fmt: skip
            Membership.objects.get_or_create(room=room, user=author)
            (message,) = say(room, author, "spam")
            found.append(report_message(message, by=bob, reason="spam").case)
    done = at_once(site, decide, [(case.pk, bob.pk) for case in found])
    assert done == ["done"] * len(found)
    assert not Case.objects.open().exists() and Sanction.objects.count() == len(found)
    numbers = list(AuditEntry.objects.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, len(found) * 4 + 1))  # report, mute, hide, close
    assert audit.first_broken() is None


def decide(case_id, user_id):
    mute = {"kind": Sanction.MUTE, "reason": "Be kind.", "duration": DAY}
    by = User.objects.get(pk=user_id)
    cases.decide(Case.objects.get(pk=case_id), by=by, hides=True, sanction=mute)
    return "done"


def create_superuser():
    return User.objects.create_superuser("rut")


def code(action, *arguments, **options):
    with pytest.raises(Refusal) as refused:
        action(*arguments, **options)
    return refused.value.code
