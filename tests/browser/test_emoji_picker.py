"""The emoji picker: search in two languages, arrow keys, recently used emoji, the composer, and phones."""

import re

import pytest
from playwright.sync_api import expect

from .test_reactions import chip, react, say

pytestmark = pytest.mark.once

AT_DISTANCE = """
(button, distance) => {
  const { left, width, top, height } = button.getBoundingClientRect();
  return document.elementFromPoint(left + width / 2, top + height / 2 + distance) === button;
}
"""
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}


@pytest.fixture
def reader(visitor, kitchen, alice, bob):
    say(kitchen, bob, "Tea?")
    react(kitchen, 1, "👍", bob)
    return visitor().log_in(alice).join_room("kitchen")


def picker(visitor):
    return visitor.page.get_by_role("dialog", name="Emoji")


def open_picker(visitor):
    visitor.page.locator("#message-1 .add-reaction").click()
    expect(
        picker(visitor).get_by_role("button", name="grinning face, wajah gembira", exact=True)
    ).to_be_visible()
    return visitor.page.get_by_label("Search emoji")


def test_a_message_gets_a_reaction_by_keyboard_alone(reader, visitor, bob):
    other = visitor().log_in(bob).join_room("kitchen")
    add = reader.page.locator("#message-1 .add-reaction")
    reader.page.locator("#message-1").hover()
    expect(reader.page.locator("#message-1 > .toolbar")).to_be_visible()
    reader.page.locator("#message-1").focus()
    for _ in range(5):  # past the time and the other reactions
        if not add.evaluate("button => button === document.activeElement"):
            reader.page.keyboard.press("ArrowRight")
    expect(add).to_be_focused()
    reader.page.keyboard.press("Enter")
    search = reader.page.get_by_label("Search emoji")
    expect(search).to_be_focused()
    search.fill("hati mer")
    reader.page.keyboard.press("Enter")
    expect(picker(reader)).to_be_hidden()
    expect(reader.page.locator("#message-1:focus, #message-1 :focus")).to_have_count(1)
    for one in (reader, other):
        expect(chip(one, 1, "❤️")).to_have_text("❤️ 1")


def test_emoji_are_found_in_english_and_in_indonesian_and_no_result_is_said(reader):
    search = open_picker(reader)
    found = picker(reader).locator(".emoji-grid section:not([hidden]) button")
    for query, first in (
        ("thumbs", "👍"),
        ("tada", "🎉"),
        ("jempol", "👍"),
        ("hati mer", "❤️"),
        ("coffee", "☕"),
        ("indonesia", "🇮🇩"),
    ):
        search.fill(query)
        expect(found.first).to_have_text(first)
        expect(picker(reader).get_by_role("status")).to_have_text(re.compile(r"^\d+ emoji$"))
    search.fill("qqqq")
    expect(picker(reader).get_by_role("status")).to_have_text("No emoji has this name.")
    reader.page.keyboard.press("Enter")
    expect(picker(reader)).to_be_visible()


def test_arrow_keys_move_in_both_directions_and_escape_closes(reader):
    open_picker(reader)
    press, focused = reader.page.keyboard.press, reader.page.locator(".emoji-grid button:focus")
    press("ArrowDown")
    expect(focused).to_have_text("😀")
    press("ArrowRight")
    press("ArrowDown")
    expect(focused).to_have_text("😉")
    press("ArrowLeft")
    press("ArrowUp")
    expect(focused).to_have_text("😀")
    expect(reader.page.locator(".emoji-preview")).to_contain_text("wajah gembira")
    press("ArrowUp")
    expect(reader.page.get_by_label("Search emoji")).to_be_focused()
    press("Escape")
    expect(picker(reader)).to_be_hidden()
    expect(reader.page.locator("#message-1:focus-within")).to_have_count(1)  # the message, as after a menu
    expect(reader.page.locator("#message-1 .reactions li")).to_have_count(1)


def test_emoji_that_were_used_come_first(reader):
    open_picker(reader).fill("tada")
    reader.page.keyboard.press("Enter")
    open_picker(reader)
    recent = picker(reader).get_by_role("group", name="Recently used").get_by_role("button")
    expect(recent).to_have_text(["🎉"])
    reader.page.keyboard.press("Escape")
    reader.page.reload()
    reader.wait_for_room()
    open_picker(reader)
    expect(recent).to_have_text(["🎉"])


def test_the_composers_button_inserts_at_the_caret(reader):
    reader.write("Good morning")
    box = reader.page.locator("#text")
    box.evaluate("area => area.setSelectionRange(4, 4)")
    button = reader.page.locator("[data-emoji-button]")
    button.click()
    expect(button).to_have_attribute("aria-expanded", "true")
    reader.page.get_by_label("Search emoji").fill("sun")
    expect(picker(reader).get_by_role("button", name="sun, matahari")).to_be_visible()
    picker(reader).get_by_role("button", name="sun, matahari").click()
    expect(box).to_have_value("Good☀️ morning")
    expect(box).to_be_focused()
    expect(button).to_have_attribute("aria-expanded", "false")
    button.click()
    expect(picker(reader)).to_be_visible()
    button.click()
    expect(picker(reader)).to_be_hidden()


def test_the_emoji_are_loaded_at_the_first_opening(reader):
    requests = []
    reader.page.on("request", lambda request: requests.append(request.url))
    loaded = reader.page.evaluate("performance.getEntriesByType('resource').map((entry) => entry.name)")
    assert [url for url in loaded if "/js/room." in url]
    assert not [url for url in loaded if "/js/emoji_picker." in url or "emoji.json" in url]
    open_picker(reader)
    reader.page.keyboard.press("Escape")
    open_picker(reader)
    assert len([url for url in requests if "emoji.json" in url]) == 1


def test_a_failure_to_load_says_so_and_the_next_opening_tries_again(reader):
    reader.page.route("**/emoji.json", lambda route: route.abort())
    reader.page.locator("#message-1 .add-reaction").click()
    expect(picker(reader).get_by_role("status")).to_contain_text("could not be loaded")
    reader.page.keyboard.press("Escape")
    reader.page.unroute("**/emoji.json")
    open_picker(reader)


def test_on_a_phone_the_picker_is_at_the_bottom_and_no_keyboard_opens(visitor, kitchen, alice, bob):
    say(kitchen, bob, "Tea?")
    react(kitchen, 1, "👍", bob)
    phone = visitor(**PHONE).log_in(alice).join_room("kitchen")
    phone.page.locator("#message-1 .add-reaction").tap()
    one = picker(phone).get_by_role("button", name="thumbs down, jempol ke bawah")
    one.scroll_into_view_if_needed()
    expect(phone.page.get_by_label("Search emoji")).not_to_be_focused()
    box, button = picker(phone).bounding_box(), one.bounding_box()
    assert (box["x"], box["width"], round(box["y"] + box["height"])) == (0, 360, 740)
    assert min(button["width"], button["height"]) >= 44
    one.tap()
    expect(chip(phone, 1, "👎")).to_have_text("👎 1")
    for distance in (-21, 21):  # a target of 44 px
        assert chip(phone, 1, "👎").evaluate(AT_DISTANCE, distance)
