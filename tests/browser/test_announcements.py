"""Screen readers and the keyboard: new messages are announced once, and skip links lead to the main parts."""

import uuid

import pytest
from playwright.sync_api import expect

from chat.actions.changes import Edit, React
from chat.actions.ignoring import ignore
from chat.actions.messages import Draft, post
from chat.actions.reading import mark_read
from chat.models import Room

pytestmark = pytest.mark.once

RECORD = """
() => {
  window.announced = [];
  const region = document.querySelector("[data-announcer]");
  new MutationObserver(() => region.textContent && announced.push(region.textContent)).observe(region, {
    childList: true,
    characterData: true,
    subtree: true,
  });
}
"""
ANNOUNCED = "() => window.announced"


def wait_for_announcement(page, count=1):
    page.wait_for_function("count => announced.length >= count", arg=count)
    return page.evaluate(ANNOUNCED)


def test_a_message_of_another_person_is_announced_once_and_ones_own_is_not(visitor, kitchen, alice, bob):
    reader = visitor().log_in(alice).join_room("kitchen")
    writer = visitor().log_in(bob).join_room("kitchen")
    reader.page.evaluate(RECORD)
    reader.send_message("Mine").see_message("Mine")
    writer.send_message("Is anybody **hungry**?")
    assert wait_for_announcement(reader.page) == ["Bob: Is anybody hungry?"]
    expect(reader.page.get_by_role("log", name="Messages in Kitchen")).to_have_attribute("aria-live", "off")


def test_many_messages_are_announced_together(visitor, kitchen, alice, bob, charlie):
    reader = visitor().log_in(alice).join_room("kitchen")
    visitor().log_in(charlie).join_room("kitchen")
    reader.page.evaluate(RECORD)
    post([Draft(kitchen.pk, author.pk, uuid.uuid4(), "Hello") for author in (bob, charlie, bob)])
    (announced,) = wait_for_announcement(reader.page)
    assert announced in ("3 new messages from Bob and Charlie", "3 new messages from Charlie and Bob")


def test_edits_reactions_history_and_a_catch_up_are_not_announced(visitor, kitchen, alice, bob, server):
    post([Draft(kitchen.pk, bob.pk, uuid.uuid4(), f"Line {n}") for n in range(1, 301)])
    mark_read({(kitchen.pk, alice.pk): 300})
    reader = visitor().log_in(alice).join_room("kitchen")
    reader.page.evaluate(RECORD)
    post([Edit(kitchen.pk, bob.pk, 290, "Changed"), React(kitchen.pk, bob.pk, 291, "👍", True)])
    reader.see_message("Changed")
    reader.scroll_to(100_000)
    reader.page.wait_for_function("() => document.querySelector('#message-200')")
    reader.scroll_to(0)
    server.terminate()
    post([Draft(kitchen.pk, bob.pk, uuid.uuid4(), "Meanwhile")])
    server.start()
    reader.see_message("Meanwhile").wait_for_room()
    post([Draft(kitchen.pk, bob.pk, uuid.uuid4(), "Live")])
    assert wait_for_announcement(reader.page) == ["Bob: Live"]


def test_skip_links_lead_to_the_composer_and_to_the_messages(visitor, kitchen, alice):
    page = visitor().log_in(alice).join_room("kitchen").page
    composer = page.get_by_role("link", name="Skip to the composer")
    composer.focus()
    expect(composer).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#text")).to_be_focused()
    page.get_by_role("link", name="Skip to the messages").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("log")).to_be_focused()
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_joins_stay_where_they_happened_and_are_hidden_by_the_rooms_setting(visitor, kitchen, alice, bob):
    reader = visitor().log_in(alice).join_room("kitchen")
    friend = visitor().log_in(bob).join_room("kitchen")
    reader.see_notice("Bob joined")
    for text in ("One", "Two"):
        friend.send_message(text)
        reader.see_message(text)
    friend.page.goto("/")
    reader.see_notice("Bob left")
    rows = reader.page.locator("[data-messages] > :is(.notice, .message)")
    assert [text.split("\n")[-1] for text in rows.all_inner_texts()] == [
        "Bob joined",
        "One",
        "Two",
        "Bob left",
    ]
    Room.objects.update(shows_joins=False)
    expect(reader.page.locator(".notice").first).to_be_hidden()
    reader.page.reload()
    reader.wait_for_room()
    expect(reader.page.locator("[data-messages]")).to_have_attribute("data-joins", "false")
    Room.objects.update(shows_joins=True)
    expect(reader.page.locator("[data-messages]")).to_have_attribute("data-joins", "true")


def test_an_ignored_person_neither_types_nor_speaks(visitor, kitchen, alice, bob):
    ignore(alice, bob, True)
    reader = visitor().log_in(alice).join_room("kitchen")
    friend = visitor().log_in(bob).join_room("kitchen")
    reader.page.evaluate(RECORD)
    friend.page.locator("#text").press_sequentially("Hm")
    friend.send_message("Ignored")
    expect(reader.page.locator(".message.ignored")).to_have_count(1)
    expect(reader.page.locator("[data-typing]")).to_be_empty()
    reader.page.locator(".person-name").filter(has_text="Bob").click()
    reader.page.get_by_role("button", name="Stop ignoring").click()
    expect(reader.page.locator(".message.ignored")).to_have_count(0)
    friend.send_message("Heard")
    assert wait_for_announcement(reader.page) == ["Bob: Heard"]
