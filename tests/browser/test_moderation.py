"""A moderator acts in the room: what the moderator, the person concerned and a bystander see."""

import re
import uuid
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from chat.actions import sanctions
from chat.actions.messages import Draft, post
from chat.models import Message, Sanction

pytestmark = pytest.mark.once

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
WORDS = "Buy my soup"


@pytest.fixture
def spam(kitchen, alice):
    post([Draft(kitchen.pk, alice.pk, uuid.uuid4(), WORDS)])


@pytest.fixture
def three(visitor, spam, alice, bob, charlie):
    """The moderator, the person who wrote spam, and a bystander."""
    return [visitor().log_in(person).join_room("kitchen") for person in (bob, alice, charlie)]


def gate(person):
    return person.page.locator("[data-gate]")


def dialog(person):
    return person.page.locator("dialog.form-dialog")


def open_moderate(person, text=WORDS):
    """By keyboard alone."""
    person.page.locator("#text").focus()
    person.page.keyboard.press("Shift+Tab")
    expect(person.message(text)).to_be_focused()
    person.page.keyboard.press("Shift+F10")
    expect(person.page.get_by_role("menu")).to_be_visible()
    person.page.keyboard.press("m")  # Mark unread
    person.page.keyboard.press("m")
    expect(person.page.get_by_role("menuitem", name="Moderate…")).to_be_focused()
    person.page.keyboard.press("Enter")
    expect(dialog(person).get_by_label("Hide this message", exact=True)).to_be_focused()
    return dialog(person)


def act(person, what, reason="spam", **fields):
    form = open_moderate(person)
    form.get_by_label(what, exact=True).check()
    for label, value in fields.items():
        form.get_by_label(label, exact=True).select_option(value)
    if reason:
        form.get_by_label("Reason", exact=True).select_option(reason)
    form.get_by_role("button", name="Confirm").click()
    expect(dialog(person)).to_have_count(0)


def test_a_muted_person_cannot_write_sees_why_and_keeps_the_draft(three):
    moderator, offender, bystander = three
    offender.write("One more offer")
    act(moderator, "Mute")
    expect(moderator.page.get_by_text("Alice is muted")).to_be_visible()
    expect(gate(offender)).to_contain_text("You are muted until")
    expect(gate(offender)).to_contain_text("Please do not post spam or advertising.")
    expect(gate(offender)).to_contain_text(re.compile(r"5\d min( \d+ s)? left"))
    expect(gate(offender).get_by_role("link", name="Details and appeal")).to_be_visible()
    expect(offender.page.locator("#text")).to_be_hidden()
    expect(offender.page.locator("#text")).to_have_value("One more offer")
    expect(gate(bystander)).to_be_hidden()
    bystander.send_message("Quiet at last").see_message("Quiet at last")
    offender.see_message("Quiet at last")


def test_the_page_of_a_muted_person_is_the_same_after_a_reload(three):
    moderator, offender, _ = three
    act(moderator, "Mute")
    expect(gate(offender)).to_contain_text("You are muted until")
    parts = "element => [...element.querySelectorAll('p')].slice(0, 2).map(one => one.textContent)"
    before = gate(offender).evaluate(parts)
    offender.page.reload()
    assert gate(offender).evaluate(parts) == before  # as the server rendered it
    offender.wait_for_room()
    expect(gate(offender)).to_contain_text("left")
    assert gate(offender).evaluate(parts) == before


def test_the_composer_opens_by_itself_when_a_mute_ends(visitor, spam, kitchen, alice, bob):
    sanctions.impose("mute", alice, by=bob, room=kitchen, reason="Spam", duration=timedelta(seconds=6))
    offender = visitor().log_in(alice).join_room("kitchen")
    expect(gate(offender)).to_contain_text(re.compile(r"\d s left"))
    expect(gate(offender)).to_be_hidden()
    offender.send_message("I am back").see_message("I am back")  # the server agrees at once


def test_a_lifted_mute_opens_the_composer_with_the_draft(three, bob):
    moderator, offender, _ = three
    offender.write("Half a thought")
    act(moderator, "Mute")
    expect(gate(offender)).to_be_visible()
    sanctions.lift(Sanction.objects.get(), by=bob)
    expect(gate(offender)).to_be_hidden()
    expect(offender.page.locator("#text")).to_have_value("Half a thought")


def test_a_warning_must_be_acknowledged_before_the_next_message(three):
    moderator, offender, _ = three
    act(moderator, "Warn", reason="abuse")
    expect(gate(offender)).to_contain_text("A moderator warned you.")
    expect(gate(offender)).to_contain_text("Please do not insult")
    gate(offender).get_by_role("button", name="I understand").click()
    expect(gate(offender)).to_be_hidden()
    offender.send_message("Sorry").see_message("Sorry")


@pytest.mark.parametrize(("what", "words"), [("Remove from the room", "removed"), ("Ban", "banned")])
def test_a_removed_or_banned_person_is_told_why(three, what, words):
    moderator, offender, bystander = three
    act(moderator, what)
    expect(offender.page.locator("[data-closed]")).to_contain_text(words)
    offender.page.reload()
    expect(offender.page.locator("main")).to_contain_text("Please do not post spam")
    bystander.see_message(WORDS)


def test_hiding_from_the_form_can_be_undone_from_the_confirmation(three):
    moderator, offender, bystander = three
    act(moderator, "Hide this message", reason="")
    for person in (moderator, offender, bystander):
        expect(person.page.locator(".tombstone:visible")).to_have_text(re.compile("Hidden by a moderator"))
    moderator.page.locator(".toast").get_by_role("button", name="Undo").click()
    for person in (moderator, offender, bystander):
        person.see_message(WORDS)


def test_a_form_with_an_error_keeps_what_was_entered(three):
    moderator, *_ = three
    form = open_moderate(moderator)
    form.get_by_label("Warn", exact=True).check()
    form.get_by_role("button", name="Confirm").click()
    expect(form).to_contain_text("Choose a reason, or write one.")
    expect(form.get_by_label("Warn", exact=True)).to_be_checked()
    form.get_by_label("In your words").fill("Please stop")
    form.get_by_role("button", name="Confirm").click()
    expect(form).to_have_count(0)
    assert Sanction.objects.get().reason == "Please stop"


def test_escape_closes_the_form_returns_the_focus_and_keeps_the_words(three):
    moderator, *_ = three
    form = open_moderate(moderator)
    form.get_by_label("In your words").fill("Please stop")
    moderator.page.keyboard.press("Escape")
    expect(form).to_be_hidden()
    expect(moderator.message(WORDS)).to_be_focused()
    expect(open_moderate(moderator).get_by_label("In your words")).to_have_value("Please stop")


def test_a_form_that_cannot_be_sent_says_so_and_can_be_sent_again(three):
    moderator, offender, _ = three
    form = open_moderate(moderator)
    form.get_by_label("Mute", exact=True).check()
    form.get_by_label("Reason", exact=True).select_option("spam")
    moderator.go_offline()
    form.get_by_role("button", name="Confirm").click()
    expect(form).to_contain_text("This was not sent")
    moderator.go_online()
    form.get_by_role("button", name="Confirm").click()
    expect(form).to_have_count(0)
    expect(gate(offender)).to_be_visible()


def test_moderating_on_a_phone_by_touch(visitor, three, bob):
    _, offender, _ = three
    moderator = visitor(**PHONE).log_in(bob).join_room("kitchen")
    moderator.page.locator("[data-people-button]").tap()
    moderator.page.locator(".person-name").filter(has_text="Alice").tap()
    moderator.page.locator("[data-card]").get_by_role("link", name="Moderate…").tap()
    form = dialog(moderator)
    form.get_by_label("Mute", exact=True).tap()
    form.get_by_label("Reason", exact=True).select_option("spam")
    confirm = form.get_by_role("button", name="Confirm")
    box = confirm.bounding_box()
    assert box["height"] >= 44 and box["x"] + box["width"] <= PHONE["viewport"]["width"]
    confirm.tap()
    expect(form).to_have_count(0)
    expect(gate(offender)).to_contain_text("You are muted until")


def test_the_menu_offers_reports_to_members_and_moderation_to_moderators(three):
    moderator, _, bystander = three
    for person, expected in ((moderator, "Moderate…"), (bystander, "Report…")):
        person.message(WORDS).hover()
        person.page.get_by_role("button", name="More actions").click()
        labels = person.page.get_by_role("menuitem").all_inner_texts()
        assert [label for label in labels if label in ("Moderate…", "Report…")] == [expected]
        person.page.keyboard.press("Escape")
    assert Message.objects.count() == 1
