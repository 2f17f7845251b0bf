"""Messages that wait for approval: what their author, a moderator and the others see."""

import pytest
from playwright.sync_api import expect

from chat.actions import held
from chat.models import HeldMessage, Room

pytestmark = pytest.mark.once

TEXT = "My first message"


@pytest.fixture
def author(visitor, kitchen, charlie):
    Room.objects.update(approve_first=1)
    return visitor().log_in(charlie).join_room("kitchen")


@pytest.fixture
def moderator(visitor, kitchen, bob):
    return visitor().log_in(bob).join_room("kitchen")


def note(person):
    return person.page.locator(".held-note")


def test_a_held_message_is_shown_to_its_author_alone_also_after_a_reload(author, moderator):
    author.send_message(TEXT)
    expect(note(author)).to_contain_text("Waiting for approval")
    author.page.reload()
    author.wait_for_room()
    expect(note(author)).to_have_count(1)
    expect(author.page.locator(".message").filter(has_text=TEXT)).to_have_count(1)
    moderator.send_message("Is anybody here?").see_message("Is anybody here?")
    assert TEXT not in moderator.texts()


def test_an_approved_message_replaces_the_one_that_waited(author, moderator):
    author.send_message(TEXT)
    expect(note(author)).to_be_visible()
    moderator.page.goto("/rooms/kitchen/moderation/")
    moderator.page.get_by_role("button", name="Approve").click()
    expect(moderator.page.get_by_text("The message is posted")).to_be_visible()
    author.see_message(TEXT)
    expect(note(author)).to_have_count(0)
    expect(author.page.locator(".message").filter(has_text=TEXT)).to_have_count(1)


def test_a_refused_message_shows_why_and_hands_the_text_back(author, moderator):
    author.send_message(TEXT)
    expect(note(author)).to_be_visible()
    moderator.page.goto("/rooms/kitchen/moderation/")
    moderator.page.get_by_label("Why it is refused").fill("Please write in English.")
    moderator.page.keyboard.press("Enter")
    failure = author.page.locator(".failure")
    expect(failure).to_contain_text("A moderator did not approve this message. Please write in English.")
    author.page.reload()
    author.wait_for_room()
    expect(failure).to_have_count(1)
    with author.page.expect_response("**/withdraw/"):
        failure.get_by_role("button", name="Edit").click()
    expect(author.page.locator("#text")).to_have_value(TEXT)
    author.page.reload()
    author.wait_for_room()
    expect(failure).to_have_count(0)


def test_a_message_that_waits_can_be_taken_back(author):
    author.send_message(TEXT)
    note(author).get_by_role("button", name="Take back").click()
    expect(note(author)).to_have_count(0)
    expect(author.page.locator("#text")).to_have_value(TEXT)
    assert not HeldMessage.objects.waiting().exists()


def test_a_message_that_was_refused_while_its_author_was_away_is_handed_back(author, moderator, bob):
    author.send_message(TEXT)
    expect(note(author)).to_be_visible()
    author.page.goto("/")
    held.refuse(HeldMessage.objects.get(), by=bob, answer="Not here")
    author.join_room("kitchen")
    expect(author.page.locator(".failure")).to_contain_text("Not here")


def test_a_refusal_that_was_read_on_one_device_goes_away_on_the_others(author, visitor, charlie, bob):
    author.send_message(TEXT)
    expect(note(author)).to_be_visible()
    other = visitor().log_in(charlie).join_room("kitchen")
    expect(note(other)).to_be_visible()
    held.refuse(HeldMessage.objects.get(), by=bob, answer="Not here")
    for device in (author, other):
        expect(device.page.locator(".failure")).to_contain_text("Not here")
    author.page.locator(".failure").get_by_role("button", name="Edit").click()
    expect(other.page.locator(".failure")).to_have_count(0)
    expect(author.page.locator("#text")).to_have_value(TEXT)
    expect(author.page.locator(".failure")).to_have_count(0)
