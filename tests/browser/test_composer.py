"""Limits and layout of the composer: long texts, refused messages and right-to-left text."""

import json
import re
import uuid

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.once

LIMIT = 4_000
FRAMES_SENT = """
() => {
  window.framesSent = [];
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (frame) {
    window.framesSent.push(frame);
    return send.call(this, frame);
  };
}
"""


def store_in_outbox(visitor, room, text, **more):
    """Store an outbox entry in the format of an earlier version."""
    from chat.models import User

    entry = {"id": str(uuid.uuid4()), "text": text, "at": 1, **more}
    key = f"outbox:{User.objects.get(name='Ayu').pk}:{room}:{entry['id']}"
    visitor.page.evaluate("([key, entry]) => localStorage.setItem(key, entry)", [key, json.dumps(entry)])


def test_a_pasted_text_of_300_kb_stays_in_the_composer_and_the_connection_stays_open(visitor):
    ayu = visitor()
    ayu.context.add_init_script(f"({FRAMES_SENT})()")
    ayu.join_as_guest("Ayu", "kitchen")
    budi = visitor().join_as_guest("Budi", "kitchen")
    ayu.paste("words " * 50_000)
    hint = ayu.page.locator("[data-hint]")
    expect(hint).to_contain_text("This message is longer than 4,000 characters.")
    expect(hint).to_contain_text("299,999 / 4,000")
    ayu.page.locator("#text").press("Enter")
    ayu.click_send()
    expect(ayu.page.locator("#text")).to_have_value("words " * 50_000)
    expect(ayu.page.locator(".message")).to_have_count(0)
    ayu.page.reload()
    ayu.wait_for_room()
    expect(ayu.page.locator("#text")).to_have_value("words " * 50_000)
    expect(hint).to_contain_text("299,999 / 4,000")
    ayu.send_message("Short").see_message("Short")
    budi.see_message("Short")
    expect(ayu.page.locator("[data-too-long]")).to_be_empty()
    expect(ayu.page.locator("[data-counter]")).to_be_hidden()
    assert max(map(len, ayu.page.evaluate("window.framesSent"))) < 1_000


def test_the_composer_counts_characters_as_the_server_does(visitor):
    ayu = visitor().join_as_guest("Ayu", "kitchen")
    counter = ayu.page.locator("[data-counter]")
    for character in ("a", "😀", "漢"):
        ayu.write(character * 3_499)
        expect(counter).to_be_hidden()
        ayu.write(character * 3_500)
        expect(counter).to_have_text("3,500 / 4,000")
        ayu.write(character * (LIMIT + 1))
        expect(ayu.page.locator("[data-too-long]")).to_contain_text("Shorten it")
        ayu.write(f"\n {character * LIMIT} \n")
        expect(ayu.page.locator("[data-too-long]")).to_be_empty()
        ayu.page.locator("#text").press("Enter")
        ayu.see_message(character * LIMIT).see_nothing_pending()


def test_an_oversized_message_in_the_outbox_can_be_discarded_and_blocks_no_other(visitor):
    ayu = visitor().join_as_guest("Ayu", "kitchen")
    store_in_outbox(ayu, "kitchen", "x" * 300_000)
    store_in_outbox(ayu, "kitchen", "Left behind")
    second = ayu.new_tab()
    ayu.page.reload()
    ayu.wait_for_room().see_message("Left behind")
    second.goto("/rooms/kitchen/")
    for page in (ayu.page, second):
        refusal = page.locator(".failure")
        expect(refusal).to_contain_text("longer than 4,000 characters")
        expect(refusal.get_by_role("button")).to_have_text(["Edit", "Discard"])
    ayu.send_message("Still works").see_message("Still works")
    ayu.page.get_by_role("button", name="Discard").click()
    ayu.see_nothing_pending()
    expect(second.locator(".failure")).to_have_count(0)
    ayu.page.reload()
    ayu.wait_for_room()
    assert ayu.texts() == ["Left behind", "Still works"]


def test_a_refused_message_can_be_edited_and_sent(visitor):
    ayu = visitor().join_as_guest("Ayu", "kitchen")
    store_in_outbox(ayu, "kitchen", "a" * 4_001)
    ayu.page.reload()
    ayu.wait_for_room()
    ayu.page.get_by_role("button", name="Edit").click()
    ayu.see_nothing_pending()
    expect(ayu.page.locator("#text")).to_have_value("a" * 4_001)
    expect(ayu.page.locator("[data-counter]")).to_have_text("4,001 / 4,000")
    ayu.send_message("Shorter").see_message("Shorter")
    expect(ayu.page.locator(".failure")).to_have_count(0)


def test_a_message_that_was_refused_because_of_a_mute_can_be_sent_again(visitor):
    ayu = visitor().join_as_guest("Ayu", "kitchen")
    muted = {"code": "muted", "message": "You are muted for an hour."}
    store_in_outbox(ayu, "kitchen", "Once more", refused=muted)
    ayu.page.reload()
    ayu.wait_for_room()
    expect(ayu.page.locator(".failure")).to_contain_text("muted for an hour")
    ayu.page.get_by_role("button", name="Send again").click()
    ayu.see_message("Once more").see_nothing_pending()


def test_a_message_with_a_forbidden_character_is_refused_with_a_reason(visitor):
    ayu = visitor().join_as_guest("Ayu", "kitchen")
    ayu.send_message("abc\u202edef")
    expect(ayu.page.locator(".failure")).to_contain_text("character that cannot be shown")
    expect(ayu.page.get_by_role("button", name="Send again")).to_be_hidden()
    ayu.send_message("Fine").see_message("Fine")


def test_a_long_room_name_leaves_the_empty_composer_one_line_high(visitor, kitchen, alice):
    kitchen.name = "A room with a very long name that fills all of it"
    kitchen.save()
    reader = visitor(viewport={"width": 360, "height": 700}).log_in(alice).join_room("kitchen")
    assert reader.page.locator("#text").bounding_box()["height"] <= 41
    reader.write("one\ntwo\nthree")
    assert reader.page.locator("#text").bounding_box()["height"] > 70


def test_arabic_is_laid_out_from_right_to_left(visitor):
    ayu = visitor().join_as_guest("Ayu", "kitchen")
    box = ayu.page.locator("#text")
    expect(box).to_have_css("direction", "ltr")
    ayu.write("مرحبا بالجميع")
    expect(box).to_have_css("direction", "rtl")
    ayu.send_message("مرحبا بالجميع\n\nEnglish below")
    ayu.see_nothing_pending()
    edges = ayu.page.locator(".message .words p").evaluate_all("""
      (paragraphs) => paragraphs.map((paragraph) => {
        const range = document.createRange();
        range.selectNodeContents(paragraph);
        const [text, block] = [range.getBoundingClientRect(), paragraph.getBoundingClientRect()];
        return text.left - block.left < block.right - text.right ? "left" : "right";
      })
    """)
    assert edges == ["right", "left"]


def test_the_time_of_a_follow_up_message_does_not_cover_its_text(visitor):
    ayu = visitor().join_as_guest("Ayu", "kitchen")
    for text in ("First", "Second"):
        ayu.send_message(text).see_message(text).see_nothing_pending()
    row = ayu.page.locator(".message.continues")
    row.hover()
    time, text = row.locator(".when"), row.locator(".words")
    expect(time).to_have_css("opacity", "1")
    assert time.bounding_box()["x"] + time.bounding_box()["width"] <= text.bounding_box()["x"]


def test_the_time_of_a_follow_up_message_is_visible_on_a_touch_screen(visitor):
    ayu = visitor(viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True)
    ayu.join_as_guest("Ayu", "kitchen")
    for text in ("First", "Second"):
        ayu.write(text).click_send().see_message(text).see_nothing_pending()
    expect(ayu.page.locator(".message.continues .when")).to_have_css("opacity", "1")
    expect(ayu.page.locator(".message.continues .when")).to_have_text(re.compile(r"^\s*\d\d:\d\d\s*$"))
