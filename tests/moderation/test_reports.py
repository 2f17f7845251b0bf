"""Reports: ten about one message are one case, and the reporters learn the outcome once."""

import pytest

from chat.actions import cases, members
from chat.actions.changes import Delete, Edit
from chat.actions.messages import post
from chat.actions.moderation import hide
from chat.actions.reports import report_message, report_person
from chat.client_ip import serving
from chat.models import AuditEntry, Case, Message, Report, User
from chat.refusals import Refusal
from tests.at_once import at_once
from tests.conftest import create_person

PEOPLE = 20
LIMIT = 10  # reports of one person at once


@pytest.mark.django_db
def test_ten_reports_on_one_message_are_one_case_with_the_text_as_first_reported(kitchen, alice, bob, say):
    (message,) = say(kitchen, alice, "first words")
    report_message(message, by=bob, reason="abuse")
    post([Edit(kitchen.pk, alice.pk, message.seq, "softer words")])
    for number in range(9):
        person = create_person(f"Reader{number}")
        report_message(Message.objects.get(), by=person, reason="spam", words=" twice a day ")
    case = Case.objects.get()
    assert (case.person, case.room, case.seq, case.text) == (alice, kitchen, message.seq, "first words")
    assert case.reports.count() == 10 and case.reports.last().words == "twice a day"


@pytest.mark.django_db
def test_a_second_report_by_the_same_person_changes_nothing(kitchen, alice, bob, say):
    (message,) = say(kitchen, alice, "hello")
    first = report_message(message, by=bob, reason="abuse", words="one")
    again = report_message(message, by=bob, reason="spam", words="two")
    assert again == first and Report.objects.get().words == "one"
    assert AuditEntry.objects.filter(action="report").count() == 1


@pytest.mark.django_db
def test_a_report_after_a_case_was_closed_opens_a_new_one(kitchen, alice, bob, mara, say):
    (message,) = say(kitchen, alice, "hello")
    cases.close(report_message(message, by=bob, reason="abuse").case, by=mara)
    report_message(message, by=bob, reason="abuse")
    assert Case.objects.count() == 2 and Case.objects.open().count() == 1


@pytest.mark.django_db
def test_a_person_has_one_open_case_for_each_room(kitchen, vault, alice, bob, mara):
    report_person(alice, room=kitchen, by=bob, reason="abuse")
    report_person(alice, room=vault, by=bob, reason="abuse")
    report_person(alice, room=kitchen, by=mara, reason="spam")
    report_person(alice, by=mara, reason="spam")
    assert sorted(case.reports.count() for case in Case.objects.all()) == [1, 1, 2]


@pytest.mark.django_db
def test_only_what_one_can_see_can_be_reported_and_not_oneself(kitchen, vault, alice, bob, charlie, say):
    (secret,) = say(vault, alice, "secret")
    (public,) = say(kitchen, alice, "hello")
    assert code(report_message, secret, by=charlie, reason="spam") == "no_room"
    assert code(report_message, public, by=alice, reason="spam") == "not_yourself"
    assert code(report_message, public, by=charlie, reason="boring") == "reason_empty"
    assert code(report_message, public, by=charlie, reason="spam", words="x" * 501) == "too_long"
    assert code(report_person, alice, room=vault, by=charlie, reason="spam") == "no_room"
    assert code(report_person, charlie, room=kitchen, by=bob, reason="spam") == "no_person"
    assert code(report_person, alice, by=bob, reason="spam") == "no_room"
    assert not Case.objects.exists()


@pytest.mark.django_db
def test_a_person_who_left_the_room_can_be_reported_for_what_they_wrote(kitchen, alice, bob, say):
    say(kitchen, alice, "bye")
    members.remove(kitchen, alice, by=alice)
    report_person(alice, room=kitchen, by=bob, reason="abuse")
    assert Case.objects.get().person == alice


@pytest.mark.django_db
def test_deleting_a_message_does_not_prevent_a_report_but_hiding_settles_it(kitchen, alice, bob, mara, say):
    deleted, hidden = say(kitchen, alice, "insult", "advert")
    post([Delete(kitchen.pk, alice.pk, deleted.seq)])
    hide([hidden], by=mara)
    report_message(Message.objects.get(pk=deleted.pk), by=bob, reason="abuse")
    assert Case.objects.get().text == "insult"
    assert code(report_message, Message.objects.get(pk=hidden.pk), by=bob, reason="spam") == "deleted"


@pytest.mark.django_db
def test_a_person_who_reports_too_much_is_told_to_wait(kitchen, alice, bob, charlie, say):
    messages = say(kitchen, alice, *map(str, range(LIMIT + 1)))
    with serving("203.0.113.9"):
        for message in messages[:LIMIT]:
            report_message(message, by=bob, reason="spam")
        with pytest.raises(Refusal) as refused:
            report_message(messages[LIMIT], by=bob, reason="spam")
        assert "Try again in 6 minutes" in refused.value.message and refused.value.status == 429
        report_message(messages[0], by=bob, reason="spam")  # nothing new: it costs nothing
        report_message(messages[LIMIT], by=charlie, reason="spam")
    assert Report.objects.count() == LIMIT + 1


@pytest.mark.django_db
def test_one_ip_address_reports_only_so_much(kitchen, alice, say):
    messages = say(kitchen, alice, "hello")
    with serving("203.0.113.9"):
        for number in range(40):
            report_message(messages[0], by=create_person(f"Reader{number}"), reason="spam")
        late = create_person("Late")
        assert code(report_message, messages[0], by=late, reason="spam") == "too_many_reports"


@pytest.mark.django_db
def test_the_reporter_is_told_the_outcome_once_and_finds_it_later(client, kitchen, alice, bob, mara, say):
    (message,) = say(kitchen, alice, "hello")
    report = report_message(message, by=bob, reason="abuse", words="rude")
    client.force_login(bob, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get("/reports/").content.decode()
    assert "Open. A moderator will look at it." in page and "rude" in page
    assert "You reported" not in client.get("/").content.decode()
    cases.close(report.case, by=mara, answer="It was a joke.")
    told = "You reported Alice. The outcome: No action. It was a joke."
    assert told in client.get("/rooms/kitchen/").content.decode()
    assert told not in client.get("/rooms/kitchen/").content.decode()
    assert told not in client.get("/").content.decode()
    page = client.get("/reports/").content.decode()
    assert "No action" in page and "It was a joke." in page and "/rooms/kitchen/1/" in page


@pytest.mark.django_db
def test_the_page_of_reports_does_not_name_a_room_that_one_no_longer_sees(client, vault, alice, bob, say):
    (message,) = say(vault, alice, "hello")
    report_message(message, by=bob, reason="abuse")
    vault.memberships.filter(user=bob).delete()
    client.force_login(bob, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get("/reports/").content.decode()
    assert "Alice" in page and "vault" not in page.casefold()


def test_reports_at_the_same_moment_in_two_processes_are_one_case(site, kitchen, alice, say):
    (message,) = say(kitchen, alice, "hello")
    people = [create_person(f"Reader{number}") for number in range(PEOPLE)]
    done = at_once(site, report, [(message.pk, person.pk) for person in people])
    assert done == ["done"] * PEOPLE
    assert Case.objects.get().reports.count() == PEOPLE
    assert AuditEntry.objects.filter(action="report").count() == PEOPLE


def test_a_person_who_reports_in_two_tabs_at_the_same_moment_reports_once(site, kitchen, alice, bob, say):
    (message,) = say(kitchen, alice, "hello")
    assert at_once(site, report, [(message.pk, bob.pk)] * 6) == ["done"] * 6
    assert Report.objects.count() == AuditEntry.objects.filter(action="report").count() == 1


def report(message_id, user_id):
    message, by = Message.objects.get(pk=message_id), User.objects.get(pk=user_id)
    report_message(message, by=by, reason="spam")
    return "done"


def code(action, *arguments, **options):
    with pytest.raises(Refusal) as refused:
        action(*arguments, **options)
    return refused.value.code
