"""Links to a message: it is in the middle and highlighted, and back and forward lead to and from the room."""

import re
import uuid

import pytest
from playwright.sync_api import expect

from chat.actions.changes import Delete
from chat.actions.messages import Draft, post

pytestmark = pytest.mark.once

IN_THE_MIDDLE = """
() => {
  const view = document.querySelector("[data-scroller]").getBoundingClientRect();
  const row = document.querySelector(".message.target")?.getBoundingClientRect();
  return row && Math.abs((row.top + row.bottom) / 2 - (view.top + view.bottom) / 2) < 5;
}
"""


@pytest.fixture
def long_kitchen(kitchen, alice, bob):
    post([Draft(kitchen.pk, bob.pk, uuid.uuid4(), f"Line {n}") for n in range(1, 401)])
    return kitchen


def open_link(visitor, user, seq):
    reader = visitor().log_in(user)
    reader.page.goto(f"/rooms/kitchen/{seq}/")
    return reader.wait_for_room()


def test_a_link_opens_with_its_message_in_the_middle_and_loads_in_both_directions(
    visitor, long_kitchen, alice
):
    reader = open_link(visitor, alice, 200)
    target = reader.page.locator(".message.target")
    expect(target).to_have_id("message-200")
    expect(target).to_have_attribute("aria-current", "true")
    expect(target).to_be_focused()
    reader.page.wait_for_function(IN_THE_MIDDLE)
    assert target.evaluate("row => getComputedStyle(row).boxShadow") != "none", "marked by colour alone"
    reader.page.wait_for_function("() => document.querySelector('#message-80')")
    reader.page.wait_for_function("() => document.querySelector('#message-320')")
    reader.page.wait_for_function(IN_THE_MIDDLE)
    seqs = reader.seqs()
    assert seqs == list(range(seqs[0], seqs[-1] + 1))


def test_latest_messages_returns_to_the_room_and_back_to_the_message(visitor, long_kitchen, alice):
    reader = open_link(visitor, alice, 100)
    page = reader.page
    page.locator("[data-newer]").click()
    expect(page.locator("#message-400")).to_be_in_viewport()
    expect(page).to_have_url(re.compile("/rooms/kitchen/$"))
    expect(page.locator(".message.target")).to_have_count(0)
    page.go_back()
    expect(page).to_have_url(re.compile("/rooms/kitchen/100/$"))
    expect(page.locator(".message.target")).to_have_id("message-100")
    page.wait_for_function(IN_THE_MIDDLE)
    page.go_forward()
    expect(page).to_have_url(re.compile("/rooms/kitchen/$"))
    expect(page.locator("#message-400")).to_be_in_viewport()
    expect(page.locator(".message.target")).to_have_count(0)
    reader.send_message("Here").see_message("Here")


def test_a_link_to_a_deleted_message_shows_its_tombstone(visitor, long_kitchen, alice, bob):
    post([Delete(long_kitchen.pk, bob.pk, 200)])
    reader = open_link(visitor, alice, 200)
    target = reader.page.locator(".message.target")
    expect(target).to_have_id("message-200")
    expect(target.locator(".tombstone")).to_be_in_viewport()


def test_a_link_works_without_scripts(visitor, long_kitchen, alice):
    reader = visitor(java_script_enabled=False).log_in(alice)
    reader.page.goto("/rooms/kitchen/200/")
    expect(reader.page.locator(".message.target")).to_be_in_viewport()
    reader.page.get_by_role("link", name="Later messages").click()
    expect(reader.page.locator("#message-230")).to_have_count(1)


def test_leaving_and_going_back_while_offline_are_no_error(visitor, long_kitchen, alice):
    """What they need was not loaded before. Errors in the console fail the test."""
    reader = open_link(visitor, alice, 400)
    reader.go_offline()
    reader.see_state("You are offline")
    reader.send_message("Later").see_pending("Later")
    expect(reader.page).to_have_url(re.compile("/rooms/kitchen/$"))
    reader.page.go_back()
    expect(reader.page).to_have_url(re.compile("/rooms/kitchen/400/$"))
    reader.see_pending("Later")
    reader.go_online()
    reader.see_message("Later")
