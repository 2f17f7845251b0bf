"""Decisions in the admin: about cases, people, sanctions and held messages, singly and for many rows."""

import re
from uuid import uuid4

import pytest
from django.contrib.admin.models import LogEntry

from chat.actions import cases, reports, sanctions
from chat.actions.messages import Draft, post
from chat.models import AuditEntry, Case, Membership, Message, Sanction, User

pytestmark = pytest.mark.django_db
MUTE = {"kind": "mute", "duration": "60", "scope": "room", "template": "spam", "words": "Really"}


@pytest.fixture
def mara(database):
    return User.objects.create_user("mara", name="Mara", is_staff=True)


@pytest.fixture
def moderator(client, mara):
    client.force_login(mara, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def case(kitchen, alice, bob):
    (message,) = post([Draft(kitchen.pk, alice.pk, uuid4(), "Buy watches")])
    reports.report_message(message, by=bob, reason="spam", words="Again")
    return Case.objects.get()


def page_of(row):
    return f"/admin/chat/{row._meta.model_name}/{row.pk}/change/"


def decide(client, row, button, **fields):
    return client.post(page_of(row), {button: "1", **fields})


def texts_of(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page.content.decode()))


def test_one_form_hides_the_message_mutes_the_author_and_closes_the_case(
    moderator, case, alice, mara, kitchen
):
    answer = decide(moderator, case, "_decide", hides="on", answer="Thank you", note="A bot?", **MUTE)
    assert answer.status_code == 302
    mute = Sanction.objects.get()
    assert (mute.kind, mute.person, mute.room, mute.case, mute.note) == (
        "mute",
        alice,
        kitchen,
        case,
        "A bot?",
    )
    assert mute.reason == "Please do not post spam or advertising. Really" and mute.ends_at is not None
    case.refresh_from_db()
    assert case.closed_by == mara and case.answer == "Thank you"
    assert Message.objects.get().deleted_by == mara
    assert {"hide", "mute", "close_case"} <= set(AuditEntry.objects.values_list("action", flat=True))
    assert LogEntry.objects.filter(user=mara).count() == 1


def test_the_second_moderator_sees_what_the_first_did_and_changes_nothing(moderator, case, alice):
    form = texts_of(moderator.get(page_of(case)))
    assert "Decide and close" in form
    cases.decide(case, by=User.objects.create_superuser("rut", name="Rut"), hides=True)
    late = decide(moderator, case, "_decide", **MUTE)
    assert late.status_code == 302 and not Sanction.objects.exists()
    page = texts_of(moderator.get(page_of(case)))
    assert "Rut closed this case: Message hidden" in page and "Decide and close" not in page


def test_a_decision_that_the_action_refuses_keeps_what_was_typed(moderator, case, monkeypatch):
    real = cases.decide

    def decide_late(case, **values):
        cases.close(case, by=User.objects.create_superuser("rut", name="Rut"))
        return real(case, **values)

    monkeypatch.setattr("chat.admin.cases.cases.decide", decide_late)
    page = decide(moderator, case, "_decide", **MUTE)
    assert page.status_code == 409 and "Rut has closed this case already" in texts_of(page)
    assert "Really" in page.content.decode()


def test_a_sanction_without_a_reason_is_refused_beside_its_field(moderator, case):
    page = decide(moderator, case, "_decide", kind="mute", duration="60", scope="room")
    assert page.status_code == 422 and "Choose a reason, or write one." in texts_of(page)
    page = decide(moderator, case, "_decide", **{**MUTE, "duration": "other"})
    assert "Enter a number of minutes." in texts_of(page)
    assert not Sanction.objects.exists() and Case.objects.open().exists()


def test_the_page_of_a_case_shows_the_text_as_reported_and_as_it_is_now(moderator, case, alice, kitchen):
    from chat.actions.changes import Edit

    post([Edit(kitchen.pk, alice.pk, 1, "Nothing to see")])
    page = texts_of(moderator.get(page_of(case)))
    for words in ("As it was reported Buy watches", "The message now Nothing to see", "Earlier versions"):
        assert words in page
    for words in ("Bob : Spam or advertising", "Again", "Record of Alice", "1 message."):
        assert words in page


def test_a_case_is_taken_and_listed_as_mine(moderator, case, mara):
    decide(moderator, case, "_take")
    case.refresh_from_db()
    assert case.assignee == mara
    assert "Buy watches" in texts_of(moderator.get("/admin/chat/case/", {"state": "mine"}))
    assert "Nothing was found" in texts_of(moderator.get("/admin/chat/case/", {"state": "nobodys"}))


def test_a_person_is_banned_on_their_page_and_the_ban_is_lifted_on_its_own(moderator, alice):
    decide_on = f"/admin/chat/user/{alice.pk}/decide/"
    moderator.post(decide_on, {"_sanction": "1", "kind": "ban", "duration": "good", "words": "Enough"})
    ban = Sanction.objects.get()
    assert (ban.kind, ban.room, ban.ends_at, ban.reason) == ("ban", None, None, "Enough")
    assert "Ban on the whole site" in texts_of(moderator.get(page_of(alice)))
    decide(moderator, ban, "_lift", reason="A mistake")
    ban.refresh_from_db()
    assert ban.ended_at is not None and ban.lifted_by.username == "mara"


@pytest.mark.parametrize(("button", "lifted"), [("_answer_keep", False), ("_answer_lift", True)])
def test_an_appeal_is_answered(moderator, alice, mara, button, lifted):
    mute = sanctions.impose("mute", alice, by=mara, reason="Calm down")
    sanctions.appeal(mute, "I am calm", person=alice)
    assert "I am calm" in texts_of(moderator.get(page_of(mute)))
    decide(moderator, mute, button, answer="We looked again")
    mute.refresh_from_db()
    assert mute.answer == "We looked again" and (mute.lifted_by is not None) == lifted


def test_nobody_sanctions_themselves_or_somebody_of_the_same_rank(moderator, mara):
    peer = User.objects.create_user("peer", name="Peer", is_staff=True)
    for person in (mara, peer):
        page = moderator.get(page_of(person))
        assert "_sanction" not in page.content.decode()
        fields = {"_sanction": "1", "kind": "ban", "duration": "good", "words": "Enough"}
        moderator.post(f"/admin/chat/user/{person.pk}/decide/", fields)
    assert not Sanction.objects.exists()


def test_many_people_are_warned_with_one_reason_and_logged_singly(moderator, alice, bob, mara):
    page = moderator.post(
        "/admin/chat/user/", {"action": "sanction_selected", "_selected_action": [alice.pk, bob.pk, mara.pk]}
    )
    assert "Sanction 3 people" in texts_of(page)
    fields = {"chosen": page.context["chosen"], "kind": "warning", "words": "Calm down"}
    done = moderator.post(page.context["run_url"], fields, follow=True)
    assert set(Sanction.objects.values_list("person__name", flat=True)) == {"Alice", "Bob"}
    assert LogEntry.objects.count() == AuditEntry.objects.filter(action="warn").count() == 2
    assert "Sanctioned: 2." in texts_of(done) and "Mara: You cannot do this to yourself." in texts_of(done)


def test_a_thousand_messages_are_selected_confirmed_and_hidden(moderator, alice, kitchen):
    post([Draft(kitchen.pk, alice.pk, uuid4(), "spam") for _ in range(1_020)])
    first = Message.objects.first().pk
    page = moderator.post(
        "/admin/chat/message/",
        {"action": "hide_selected", "_selected_action": [first], "select_across": "1"},
    )
    assert "Hide 1,000 messages" in texts_of(page) and "and 990 more" in texts_of(page)
    moderator.post(page.context["run_url"], {"chosen": page.context["chosen"], "words": "Spam"})
    assert Message.objects.exclude(deleted_at=None).count() == 1_000
    assert AuditEntry.objects.filter(action="hide", reason="Spam").count() == 1_000
    assert LogEntry.objects.count() == 1_000


@pytest.mark.parametrize("chosen", ["", ",", "x", "1;2", "9" * 30, "0,-1"])
def test_a_forged_list_of_rows_changes_nothing(moderator, case, chosen):
    moderator.post("/admin/chat/message/bulk/hide_selected/", {"chosen": chosen})
    assert Message.objects.get().deleted_at is None
    assert moderator.post("/admin/chat/message/bulk/nothing/", {"chosen": "1"}).status_code == 403


def test_a_person_is_removed_from_a_room_that_is_named_in_the_form(moderator, alice, kitchen):
    decide_on = f"/admin/chat/user/{alice.pk}/decide/"
    fields = {"_sanction": "1", "kind": "removal", "words": "Not here"}
    page = moderator.post(decide_on, fields)
    assert page.status_code == 422 and "A person is removed from a room" in texts_of(page)
    assert "Record of Alice" in texts_of(page)
    assert "&#x27;" not in texts_of(page) and "Not here" in page.content.decode()
    moderator.post(decide_on, {**fields, "in_room": "Kitchen"})
    assert Sanction.objects.get().room == kitchen


def test_the_page_of_a_message_sanctions_its_author_and_opens_a_case(moderator, alice, kitchen):
    (message,) = post([Draft(kitchen.pk, alice.pk, uuid4(), "Buy watches")])
    decide(moderator, message, "_sanction", **MUTE)
    assert Sanction.objects.get().person == alice
    decide(moderator, message, "_case")
    assert Case.objects.get().text == "Buy watches"


def test_a_site_moderator_does_not_learn_who_reported_them(moderator, mara, kitchen, bob):
    Membership.objects.create(room=kitchen, user=mara)
    reports.report_person(mara, room=kitchen, by=bob, reason="abuse", words="She bans everybody")
    of_case = page_of(Case.objects.get())
    assert moderator.get(of_case).status_code == 404
    searches = ("case/", "case/?reporter=bob", "auditentry/", "auditentry/?actor=bob")
    for path in ("", *(f"chat/{search}" for search in searches)):
        content = moderator.get(f"/admin/{path}").content
        assert b"bans everybody" not in content and of_case.encode() not in content, path
