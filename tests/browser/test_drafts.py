"""Drafts: unsent text of a room, with the message that it answers."""

import json

import pytest
from playwright.sync_api import expect

from chat.models import Message
from tests.browser.test_replies import bar, reply_to

pytestmark = pytest.mark.once


def draft_key(visitor):
    return visitor.page.locator("[data-room]").evaluate(
        "({ dataset }) => `draft:${dataset.me}:${dataset.roomId}`"
    )


def test_a_draft_survives_a_change_of_room(visitor, alice, kitchen, vault):
    writer = visitor().log_in(alice).join_room("kitchen")
    writer.write("For the kitchen")
    writer.page.get_by_role("link", name="Vault").first.click()
    writer.wait_for_room()
    expect(writer.page.locator("#text")).to_have_value("")
    writer.write("For the vault")
    writer.page.get_by_role("link", name="Kitchen").first.click()
    expect(writer.page.locator("#text")).to_have_value("For the kitchen")
    writer.page.go_back()
    expect(writer.page.locator("#text")).to_have_value("For the vault")


def test_a_reply_survives_a_reload_as_a_draft_and_is_sent_as_a_reply(visitor):
    ayu = visitor().join_as_guest("Ayu", "kitchen")
    budi = visitor().join_as_guest("Budi", "kitchen")
    ayu.send_message("Tea?")
    budi.see_message("Tea?")
    reply_to(budi, "Tea?")
    budi.write("Yes")
    budi.page.reload()
    budi.wait_for_room()
    expect(bar(budi)).to_contain_text("Tea?")
    expect(budi.page.locator("#text")).to_have_value("Yes")
    budi.page.locator("#text").press("Enter")
    ayu.see_message("Yes")
    expect(ayu.page.locator(".message .quote:visible")).to_contain_text("Tea?")
    budi.page.reload()
    budi.wait_for_room()
    expect(bar(budi)).to_be_hidden()
    expect(budi.page.locator("#text")).to_have_value("")


def test_two_tabs_show_the_same_draft_until_it_is_sent(visitor):
    ayu = visitor().join_as_guest("Ayu", "kitchen")
    ayu.send_message("Tea?").see_message("Tea?").see_nothing_pending()
    second = ayu.new_tab()
    second.goto("/rooms/kitchen/")
    expect(second.locator("[data-room]")).to_have_attribute("data-live", "open")
    reply_to(ayu, "Tea?")
    ayu.page.locator("#text").press_sequentially("Yes")
    expect(second.locator("#text")).to_have_value("Yes")
    expect(second.locator("[data-replying]")).to_contain_text("Tea?")
    second.locator("#text").press_sequentially(", please")
    expect(ayu.page.locator("#text")).to_have_value("Yes, please")
    ayu.page.locator("#text").press("Enter")
    ayu.see_message("Yes, please")
    expect(second.locator("#text")).to_have_value("")
    expect(second.locator("[data-replying]")).to_be_hidden()


def test_a_text_that_is_being_typed_is_not_replaced_by_another_tab(visitor):
    ayu = visitor().join_as_guest("Ayu", "kitchen")
    second = ayu.new_tab()
    second.goto("/rooms/kitchen/")
    expect(second.locator("[data-room]")).to_have_attribute("data-live", "open")
    # Both tabs have a change that is not stored yet: the timers of the drafts do not run.
    for page in (ayu.page, second):
        page.evaluate("window.setTimeout = () => 0")
    ayu.write("here")
    second.locator("#text").fill("there")
    ayu.page.evaluate("window.told = new Promise((resolve) => addEventListener('storage', resolve)); 0")
    second.evaluate("dispatchEvent(new Event('pagehide'))")
    ayu.page.evaluate("window.told.then(() => 0)")
    expect(ayu.page.locator("#text")).to_have_value("here")
    ayu.page.evaluate("dispatchEvent(new Event('pagehide'))")
    expect(second.locator("#text")).to_have_value("here")


def test_a_draft_of_an_earlier_version_is_shown(visitor):
    ayu = visitor().join_as_guest("Ayu", "kitchen")
    key = draft_key(ayu)
    ayu.page.evaluate("key => localStorage.setItem(key, 'Half a thou')", key)
    ayu.page.reload()
    expect(ayu.page.locator("#text")).to_have_value("Half a thou")
    ayu.write("Half a thought")
    ayu.page.reload()
    stored = json.loads(ayu.page.evaluate("key => localStorage.getItem(key)", key))
    assert stored == {"text": "Half a thought", "names": {}, "quote": None}


def test_a_draft_remembers_whom_it_mentions(visitor, alice, bob, kitchen):
    writer = visitor().log_in(alice).join_room("kitchen")
    draft = json.dumps({"text": "@Bob, tea?", "names": {str(bob.pk): "Bob"}, "quote": None})
    writer.page.evaluate("([key, draft]) => localStorage.setItem(key, draft)", [draft_key(writer), draft])
    writer.page.reload()
    writer.wait_for_room()
    writer.page.locator("#text").press("End")
    writer.page.locator("#text").press_sequentially("?")
    writer.page.reload()
    writer.wait_for_room()
    expect(writer.page.locator("#text")).to_have_value("@Bob, tea??")
    writer.page.locator("#text").press("Enter")
    writer.see_nothing_pending()
    expect(writer.page.locator(".mention")).to_have_text("@Bob")
    assert Message.objects.get().mentions == [bob.pk]
