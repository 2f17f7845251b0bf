"""The pages for reports and moderation, without scripts: who may open them, what they offer, what they do."""

import uuid
from datetime import timedelta

import pytest

from chat.actions import held, reports, sanctions
from chat.actions.messages import Draft, post
from chat.models import Case, HeldMessage, Membership, Report, Room, Sanction, User

pytestmark = pytest.mark.django_db
TEXT = "Buy my soup"


@pytest.fixture
def spam(kitchen, alice):
    return post([Draft(kitchen.pk, alice.pk, uuid.uuid4(), TEXT)])[0]


@pytest.fixture
def case(spam, charlie):
    reports.report_message(spam, by=charlie, reason="spam", words="Every day")
    return Case.objects.get()


@pytest.fixture
def moderator(client, bob):
    client.force_login(bob)
    return client


def page(client, address):
    answer = client.get(f"/rooms/kitchen/{address}")
    assert answer.status_code == 200
    return answer.content.decode()


ADDRESSES = ["moderation/", "1/moderate/", "people/{alice}/moderate/"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_only_moderators_open_the_pages_of_moderators(client, spam, alice, charlie, address):
    client.force_login(charlie)
    assert client.get(f"/rooms/kitchen/{address.format(alice=alice.pk)}").status_code == 403


@pytest.mark.parametrize("address", [*ADDRESSES, "1/report/", "people/{alice}/report/"])
def test_a_visitor_without_a_session_is_asked_to_enter(client, spam, alice, address):
    assert client.get(f"/rooms/kitchen/{address.format(alice=alice.pk)}").status_code == 302


@pytest.mark.parametrize("address", ["1/report/", "1/moderate/", "people/{alice}/report/", "moderation/"])
def test_a_private_room_looks_like_none_to_others(client, vault, alice, charlie, address):
    post([Draft(vault.pk, alice.pk, uuid.uuid4(), TEXT)])
    client.force_login(charlie)
    assert client.get(f"/rooms/vault/{address.format(alice=alice.pk)}").status_code == 404


def test_a_report_needs_a_reason_and_keeps_the_words(client, spam, charlie):
    client.force_login(charlie)
    answer = client.post("/rooms/kitchen/1/report/", {"words": "Every day"})
    assert answer.status_code == 422
    assert "Choose what is wrong." in answer.content.decode() and "Every day" in answer.content.decode()
    answer = client.post("/rooms/kitchen/1/report/", {"words": "Every day", "reason": "spam"}, follow=True)
    assert "Thank you. The moderators will look at it." in answer.content.decode()
    assert Report.objects.get().words == "Every day"


def test_a_person_is_reported(client, spam, alice, charlie):
    client.force_login(charlie)
    client.post(f"/rooms/kitchen/people/{alice.pk}/report/", {"reason": "abuse"})
    assert Report.objects.get().case.person == alice


def test_nobody_reports_themselves_or_somebody_of_another_room(client, spam, alice, charlie):
    client.force_login(alice)
    assert client.get("/rooms/kitchen/1/report/").status_code == 404
    assert client.get(f"/rooms/kitchen/people/{charlie.pk}/report/").status_code == 404
    assert client.get("/rooms/kitchen/99/report/").status_code == 404


def test_a_room_moderator_is_offered_nothing_for_the_whole_site(moderator, spam):
    html = page(moderator, "1/moderate/")
    assert "Mute" in html and "On the whole site" not in html
    moderator.post(
        "/rooms/kitchen/1/moderate/",
        {"act": "mute", "duration": "3600", "template": "spam", "whole_site": "on"},
    )
    assert Sanction.objects.get().room is not None


def test_a_site_moderator_mutes_a_person_on_the_whole_site(client, spam):
    client.force_login(User.objects.create_superuser("rut"))
    assert "On the whole site" in page(client, "1/moderate/")
    client.post(
        "/rooms/kitchen/1/moderate/",
        {"act": "mute", "duration": "good", "template": "spam", "whole_site": "on", "note": "Again"},
    )
    sanction = Sanction.objects.get()
    assert (sanction.room, sanction.ends_at, sanction.note) == (None, None, "Again")


@pytest.mark.parametrize(
    ("fields", "seconds"),
    [({"duration": "600"}, 600), ({"duration": "other", "number": "3", "unit": "86400"}, 259_200)],
)
def test_a_mute_lasts_as_long_as_the_moderator_says(moderator, spam, fields, seconds):
    moderator.post("/rooms/kitchen/1/moderate/", {"act": "mute", "template": "spam", **fields})
    sanction = Sanction.objects.get()
    assert abs((sanction.ends_at - sanction.created_at).total_seconds() - seconds) < 1


def test_another_time_needs_a_number(moderator, spam):
    answer = moderator.post(
        "/rooms/kitchen/1/moderate/", {"act": "mute", "template": "spam", "duration": "other"}
    )
    assert answer.status_code == 422 and "Enter a number." in answer.content.decode()


def test_own_words_follow_the_chosen_reason(moderator, spam):
    moderator.post("/rooms/kitchen/1/moderate/", {"act": "warn", "template": "spam", "words": "Last time."})
    moderator.post(
        "/rooms/kitchen/1/moderate/", {"act": "warning", "template": "spam", "words": "Last time."}
    )
    assert Sanction.objects.get().reason == "Please do not post spam or advertising. Last time."


def test_a_person_whose_rank_is_not_lower_can_only_be_reported(moderator, kitchen, alice, spam):
    Membership.objects.filter(user=alice).update(role="owner")
    html = page(moderator, "1/moderate/")
    assert "/1/report/" in html and 'name="act"' not in html
    moderator.post("/rooms/kitchen/1/moderate/", {"act": "mute", "template": "spam", "duration": "600"})
    assert not Sanction.objects.exists()


def test_a_moderator_finds_and_lifts_the_sanctions_of_a_person(moderator, kitchen, alice, bob, spam):
    sanction = sanctions.impose("mute", alice, by=bob, room=kitchen, reason="Spam", duration=None)
    assert "for good" in page(moderator, f"people/{alice.pk}/moderate/")
    answer = moderator.post(f"/rooms/kitchen/moderation/sanctions/{sanction.pk}/lift/", follow=True)
    assert "The mute of Alice is lifted" in answer.content.decode()
    assert not Sanction.objects.in_force().exists()


def test_a_sanction_of_another_room_cannot_be_lifted_from_this_one(moderator, kitchen, vault, alice, bob):
    sanction = sanctions.impose("mute", alice, by=bob, room=vault, reason="Spam", duration=None)
    Membership.objects.filter(room=vault, user=bob).delete()
    assert moderator.post(f"/rooms/kitchen/moderation/sanctions/{sanction.pk}/lift/").status_code == 404
    assert Sanction.objects.in_force().exists()


def test_an_appeal_is_answered_on_the_page(moderator, kitchen, alice, bob):
    ban = sanctions.impose("ban", alice, by=bob, room=kitchen, reason="Spam", duration=timedelta(days=1))
    sanctions.appeal(ban, "It was not me", person=alice)
    assert "It was not me" in page(moderator, "moderation/")
    moderator.post(
        f"/rooms/kitchen/moderation/sanctions/{ban.pk}/answer/", {"answer": "You are right", "do": "lift"}
    )
    ban.refresh_from_db()
    assert ban.answer == "You are right" and ban.ended_at is not None


def test_a_case_shows_what_was_reported_and_is_decided(moderator, case, spam):
    assert TEXT in page(moderator, "moderation/")
    html = page(moderator, f"moderation/cases/{case.pk}/")
    assert TEXT in html and "Every day" in html and "It has not changed since." in html
    answer = moderator.post(
        f"/rooms/kitchen/moderation/cases/{case.pk}/",
        {"act": "mute", "duration": "3600", "template": "spam", "hides_this": "on", "answer": "Thank you"},
        follow=True,
    )
    assert "The case is closed: Message hidden, muted for 1 hour" in answer.content.decode()
    case.refresh_from_db()
    spam.refresh_from_db()
    assert case.answer == "Thank you" and spam.deleted_at is not None
    assert Sanction.objects.get().case == case


def test_a_case_can_be_taken_and_closed_without_action(moderator, case, bob):
    address = f"/rooms/kitchen/moderation/cases/{case.pk}/"
    moderator.post(address, {"do": "take"})
    assert "You look after this case." in moderator.get(address).content.decode()
    moderator.post(address, {"act": "none"})
    case.refresh_from_db()
    assert case.closed_by == bob and case.outcome == "No action"


def test_the_second_moderator_sees_what_the_first_did(moderator, client, case, kitchen, charlie):
    from chat.actions import cases

    Membership.objects.update_or_create(room=kitchen, user=charlie, defaults={"role": "moderator"})
    cases.close(case, by=charlie, outcome="No action")
    address = f"/rooms/kitchen/moderation/cases/{case.pk}/"
    answer = moderator.post(address, {"act": "warning", "template": "spam"})
    assert answer.status_code == 422
    assert "Charlie has closed this case already: No action" in answer.content.decode()
    assert not Sanction.objects.exists()


def test_opening_a_case_from_the_form(moderator, spam):
    moderator.post("/rooms/kitchen/1/moderate/", {"act": "case"})
    assert Case.objects.open().get().message == spam


def test_messages_that_wait_are_approved_and_refused(moderator, kitchen, alice):
    Room.objects.update(approve_first=5)
    results = post([Draft(kitchen.pk, alice.pk, uuid.uuid4(), text) for text in ("Good", "Bad")])
    good, bad = results
    assert isinstance(good, HeldMessage)
    assert "Good" in page(moderator, "moderation/")
    moderator.post(f"/rooms/kitchen/moderation/held/{good.pk}/", {"do": "approve"})
    moderator.post(f"/rooms/kitchen/moderation/held/{bad.pk}/", {"do": "refuse", "answer": "No"})
    assert [message.text for message in kitchen.messages.all()] == ["Good"]
    assert HeldMessage.objects.get(pk=bad.pk).answer == "No"
    assert not held.waiting_in(kitchen).exists()


@pytest.mark.parametrize(
    ("do", "field", "value"),
    [
        ("lock", "is_locked", True),
        ("slow", "slow_mode", 30),
        ("calm", "notice", "Tea"),
        ("nonsense", "slow_mode", 0),
    ],
)
def test_modes_are_set_on_the_page(moderator, kitchen, do, field, value):
    moderator.post("/rooms/kitchen/moderation/mode/", {"do": do, "slow_mode": "30", "reason": "Tea"})
    kitchen.refresh_from_db()
    assert getattr(kitchen, field) == value


def test_only_an_owner_is_offered_to_archive(moderator, kitchen, bob):
    assert "Archive" not in page(moderator, "moderation/")
    assert moderator.post("/rooms/kitchen/moderation/mode/", {"do": "archive"}).status_code == 403
    Membership.objects.filter(user=bob).update(role="owner")
    assert "Archive" in page(moderator, "moderation/")


def test_the_answers_for_the_dialog_are_json(moderator, spam):
    answer = moderator.post(
        "/rooms/kitchen/1/moderate/", {"act": "hide"}, headers={"Accept": "application/json"}
    )
    assert answer.json() == {"message": "The message is hidden", "hidden": 1}


def test_a_moderator_does_not_learn_who_reported_them(client, kitchen, bob, charlie):
    reports.report_person(bob, room=kitchen, by=charlie, reason="abuse", words="He bans everybody")
    case = Case.objects.get()
    client.force_login(bob)
    assert "no open case" in page(client, "moderation/")
    assert client.get(f"/rooms/kitchen/moderation/cases/{case.pk}/").status_code == 404


REFUSED = "x" * 501


@pytest.mark.parametrize("what", ["held", "appeal", "lock"])
def test_a_refusal_is_shown_on_the_page_of_moderators_with_what_was_typed(
    moderator, kitchen, alice, bob, what
):
    Room.objects.update(approve_first=1)
    (waiting,) = post([Draft(kitchen.pk, alice.pk, uuid.uuid4(), TEXT)])
    mute = sanctions.impose(Sanction.MUTE, alice, by=bob, room=kitchen, reason="Spam")
    sanctions.appeal(mute, "It was one", person=alice)
    address, fields = {
        "held": (f"held/{waiting.pk}/", {"do": "refuse", "answer": REFUSED}),
        "appeal": (f"sanctions/{mute.pk}/answer/", {"do": "keep", "answer": REFUSED}),
        "lock": ("mode/", {"do": "lock", "reason": REFUSED}),
    }[what]
    answer = moderator.post(f"/rooms/kitchen/moderation/{address}", fields)
    html = answer.content.decode()
    assert answer.status_code == 422 and "Moderation of" in html
    assert html.count(f'value="{REFUSED}"') == 1 and "is longer than" in html
    as_json = {"Accept": "application/json"}
    assert moderator.post(f"/rooms/kitchen/moderation/{address}", fields, headers=as_json).json()["code"] == (
        "too_long"
    )


def test_an_answer_to_a_message_that_somebody_else_approved_is_not_lost(moderator, kitchen, alice, bob):
    Room.objects.update(approve_first=1)
    (waiting,) = post([Draft(kitchen.pk, alice.pk, uuid.uuid4(), TEXT)])
    held.approve(waiting, by=bob)
    fields = {"do": "refuse", "answer": "Not <this> here"}
    answer = moderator.post(f"/rooms/kitchen/moderation/held/{waiting.pk}/", fields)
    html = answer.content.decode()
    assert answer.status_code == 409 and "Bob already decided" in html
    assert "You wrote: “<bdi>Not &lt;this&gt; here</bdi>”" in html
