"""Direct conversations and the card of a person, in two browsers, by mouse, keyboard and on a phone."""

import re
import uuid

import pytest
from playwright.sync_api import expect

from chat.actions.direct import open_direct
from chat.actions.messages import Draft, post
from chat.models import Membership, Room
from tests.conftest import create_person

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}


@pytest.fixture
def spoken(kitchen, alice, bob):
    """Bob has mentioned Alice in the kitchen."""
    post([Draft(kitchen.pk, bob.pk, uuid.uuid4(), f"<@{alice.pk}>, tea?")])


def card(visitor):
    return visitor.page.locator("dialog [data-card]")


def composer(visitor):
    return visitor.page.locator("#text")


def test_from_the_card_to_a_conversation_and_its_end(visitor, spoken, alice, bob):
    alices = visitor().log_in(alice).join_room("kitchen")
    bobs = visitor().log_in(bob).join_room("kitchen")
    alices.page.locator(".message .author").first.click()
    expect(card(alices)).to_contain_text("moderator of this room")
    expect(card(alices).get_by_role("button", name="Message")).to_be_focused()
    card(alices).get_by_role("button", name="Message").click()
    alices.wait_for_room()
    expect(alices.page).to_have_title("Bob · Obrolan")
    row = bobs.page.locator("[data-section='direct'] .room-row")
    expect(row.locator(".room-name bdi")).to_have_text("Alice")
    alices.send_message("Only for you").see_message("Only for you")
    expect(row.locator(".unread-count .count")).to_have_text("1")
    expect(bobs.page).to_have_title("(@1) Kitchen · Obrolan")
    row.locator(".room-link").click()
    bobs.wait_for_room().see_message("Only for you")
    expect(bobs.page).to_have_title("Alice · Obrolan")
    bobs.send_message("Thank you")
    alices.see_message("Thank you")
    alice.name = "Alicia"
    alice.save(update_fields=["name"])
    expect(bobs.page.locator("[data-room-name]")).to_have_text("Alicia")
    expect(composer(bobs)).to_have_attribute("placeholder", "Message Alicia")
    alices.page.locator(".message .avatar").last.click()
    card(alices).get_by_role("button", name="Block").click()
    expect(alices.page.locator(".toast")).to_have_text("You block Bob now")
    for one in (alices, bobs):
        expect(one.page.locator("[data-gate-text]")).to_contain_text("one of you blocked the other")
        expect(composer(one)).to_be_hidden()
    expect(alices.page.locator(".message.ignored")).to_have_count(1)
    alices.page.locator(".person-name").filter(has_text="Bob").click()
    card(alices).get_by_role("button", name="Stop blocking").click()
    for one in (alices, bobs):
        expect(composer(one)).to_be_visible()


def test_the_card_by_keyboard_alone(visitor, spoken, alice, bob):
    reader = visitor().log_in(alice).join_room("kitchen")
    page = reader.page
    composer(reader).focus()
    page.keyboard.press("Shift+Tab")  # the latest message
    page.keyboard.press("ArrowRight")
    expect(page.locator(".message .author")).to_be_focused()
    page.keyboard.press("Enter")
    expect(card(reader).get_by_role("button", name="Message")).to_be_focused()
    page.keyboard.press("Escape")
    expect(card(reader)).to_have_count(0)
    expect(page.locator(".message .author")).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".message .mention")).to_be_focused()
    page.keyboard.press("Enter")
    expect(card(reader)).to_contain_text("This is you.")
    page.keyboard.press("Escape")
    expect(page.locator(".message .mention")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(card(reader).get_by_role("button", name="Message")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # Mention
    expect(composer(reader)).to_be_focused()
    expect(composer(reader)).to_have_value("@Bob ")


def test_people_are_chosen_on_a_phone_and_the_card_is_a_sheet(visitor, kitchen, alice, bob):
    for name in ("Citra", "Dewi"):
        Membership.objects.create(room=kitchen, user=create_person(name))
    reader = visitor(**PHONE).log_in(alice)
    page = reader.page
    page.goto("/")
    page.get_by_role("link", name="New conversation").tap()
    page.get_by_label("Find a person").press_sequentially("dew")
    expect(page.locator(".found .person-name")).to_have_text(["Dewi"])
    page.locator(".found a").tap()
    page.get_by_label("Add another person").press_sequentially("bo")
    expect(page.locator(".found .person-name")).to_have_text(["Bob"])
    page.locator(".found a").tap()
    expect(page.locator(".chip bdi")).to_have_text(["Bob", "Dewi"])
    page.get_by_role("button", name="Start conversation").tap()
    reader.wait_for_room()
    expect(page.locator("[data-room-name]")).to_have_text("Bob and Dewi")
    reader.write("Hello").click_send().see_message("Hello")
    page.locator(".message .avatar").tap()
    sheet = page.locator("dialog.card-dialog.sheet")
    expect(sheet).to_contain_text("This is you.")
    expect(page.locator("dialog[open]")).to_have_count(1)
    box = sheet.bounding_box()
    assert box["x"] == 0 and box["width"] == 360 and round(box["y"] + box["height"]) == 740
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert Room.objects.direct().count() == 1


def test_the_lobby_lists_a_new_conversation_at_once(visitor, kitchen, alice, bob):
    reader = visitor().log_in(bob)
    reader.page.goto("/")
    expect(reader.page.locator("[data-section='direct'] .room-row")).to_have_count(0)
    room = open_direct([bob], by=alice)
    row = reader.page.locator("[data-section='direct'] .room-row")
    expect(row.locator(".room-name bdi")).to_have_text("Alice")
    post([Draft(room.pk, alice.pk, uuid.uuid4(), "Hello")])
    expect(row.locator(".unread-count")).to_be_visible()
    expect(reader.page).to_have_title(re.compile(r"^\(@1\) "))
