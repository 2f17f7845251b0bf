"""Unread messages in the browser: the line, where a room opens, and marking as unread in one tab for all."""

import uuid

import pytest
from playwright.sync_api import expect

from chat.actions.messages import Draft, post
from chat.actions.reading import mark_read
from chat.models import Membership, Room

from .visitor import WITHIN

pytestmark = pytest.mark.once

LOSE_FOCUS = "() => { document.hasFocus = () => false; }"
GAIN_FOCUS = "() => { document.hasFocus = () => true; dispatchEvent(new Event('focus')); }"
WATCH_FRAMES = """
  window.tops = [];
  window.shifts = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifts += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
  const look = () => {
    const line = document.querySelector("[data-messages] [data-unread-line]");
    if (line && document.querySelector("[data-announcer]")) tops.push(line.getBoundingClientRect().top);
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
"""


def say(room, author, count, start=1):
    post([Draft(room.pk, author.pk, uuid.uuid4(), f"Line {n}") for n in range(start, start + count)])


def below_the_line(page):
    return page.locator("[data-unread-line] ~ .message").first


def unread_in_list(page):
    return page.locator('[data-slug="kitchen"] .unread-count .count')


def wait_until_read(page, user, seq):
    for _ in range(100):
        if Membership.objects.get(user=user).last_read == seq:
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"not read up to {seq}")


def mark_unread(person, seq):
    person.page.locator(f"#message-{seq}").hover()
    person.page.get_by_role("button", name="More actions").click()
    person.page.get_by_role("menuitem", name="Mark unread from here").click()


@pytest.fixture
def read_kitchen(kitchen, alice, bob):
    """A room with ten messages that Alice has read."""
    say(kitchen, bob, 10)
    mark_read({(kitchen.pk, alice.pk): 10})
    return kitchen


def test_with_less_than_a_screen_unread_the_room_opens_at_the_end_with_the_line_in_view(
    visitor, read_kitchen, alice, bob
):
    say(read_kitchen, bob, 3, start=11)
    page = visitor().log_in(alice).join_room("kitchen").page
    expect(page.get_by_role("separator", name="New messages")).to_be_in_viewport()
    expect(below_the_line(page)).to_contain_text("Line 11")
    expect(page.locator("#message-13")).to_be_in_viewport()
    expect(unread_in_list(page)).to_be_hidden()
    expect(page.get_by_role("separator", name="New messages")).to_be_visible()


@pytest.mark.parametrize("unread", [45, 300])
def test_with_more_than_a_screen_unread_the_room_opens_at_the_line_without_a_jump(
    visitor, read_kitchen, alice, bob, unread
):
    say(read_kitchen, bob, unread, start=11)
    reader = visitor().log_in(alice)
    reader.page.add_init_script(WATCH_FRAMES)
    page = reader.join_room("kitchen").page
    expect(page.get_by_role("separator", name="New messages")).to_be_in_viewport()
    expect(page.locator("#message-11")).to_be_in_viewport()
    page.wait_for_function("() => tops.length > 30")
    tops, shifts = page.evaluate("() => [tops, shifts]")
    assert max(tops) - min(tops) <= 1, tops
    assert shifts < 0.01
    expect(page.get_by_role("button", name="Jump to first unread")).to_be_hidden()
    assert Membership.objects.get(user=alice).last_read == 10
    page.locator("[data-newer]").click()
    expect(page.locator(f"#message-{unread + 10}")).to_be_in_viewport()
    expect(unread_in_list(page)).to_be_hidden()
    page.get_by_role("button", name="Jump to first unread").click()
    expect(page.locator("#message-11")).to_be_in_viewport()
    expect(below_the_line(page)).to_have_attribute("data-seq", "11")


def test_the_line_stays_through_new_messages_and_goes_when_the_reader_writes(
    visitor, read_kitchen, alice, bob
):
    say(read_kitchen, bob, 2, start=11)
    reader = visitor().log_in(alice).join_room("kitchen")
    writer = visitor().log_in(bob).join_room("kitchen")
    writer.send_message("One more")
    reader.see_message("One more")
    expect(below_the_line(reader.page)).to_have_attribute("data-seq", "11")
    reader.scroll_to(5_000)
    expect(below_the_line(reader.page)).to_have_attribute("data-seq", "11")
    reader.send_message("An answer").see_message("An answer")
    expect(reader.page.locator("[data-messages] [data-unread-line]")).to_have_count(0)


def test_messages_that_arrive_while_the_reader_is_away_are_below_the_line(visitor, read_kitchen, alice, bob):
    reader = visitor().log_in(alice).join_room("kitchen")
    writer = visitor().log_in(bob).join_room("kitchen")
    writer.send_message("Seen")
    reader.see_message("Seen")
    wait_until_read(reader.page, alice, 11)
    expect(reader.page.locator("[data-messages] [data-unread-line]")).to_have_count(0)
    reader.page.evaluate(LOSE_FOCUS)
    writer.send_message("Not seen")
    writer.send_message("Neither")
    reader.see_message("Neither")
    expect(below_the_line(reader.page)).to_contain_text("Not seen")
    expect(unread_in_list(reader.page)).to_have_text("2")
    reader.page.evaluate(GAIN_FOCUS)
    expect(unread_in_list(reader.page)).to_be_hidden()
    expect(below_the_line(reader.page)).to_contain_text("Not seen")


def test_escape_marks_everything_as_read_and_goes_to_the_end(visitor, read_kitchen, alice, bob):
    say(read_kitchen, bob, 300, start=11)
    reader = visitor().log_in(alice).join_room("kitchen")
    expect(reader.page.locator("#message-11")).to_be_in_viewport()
    reader.page.keyboard.press("Escape")
    expect(reader.page.locator("#message-310")).to_be_in_viewport()
    expect(unread_in_list(reader.page)).to_be_hidden()
    expect(reader.page.locator("[data-messages] [data-unread-line]")).to_have_count(0)


def test_escape_that_closes_a_menu_reads_nothing(visitor, read_kitchen, alice, bob):
    say(read_kitchen, bob, 300, start=11)
    reader = visitor().log_in(alice).join_room("kitchen")
    reader.page.locator(".me-button").click()
    reader.page.keyboard.press("Escape")
    expect(reader.page.locator("#me-menu")).to_be_hidden()
    expect(reader.page.locator("#message-11")).to_be_in_viewport()


def test_a_mark_as_unread_shows_in_every_tab_until_the_reader_comes_back_to_the_end(
    visitor, read_kitchen, alice
):
    here, there = visitor().log_in(alice).join_room("kitchen"), visitor().log_in(alice).join_room("kitchen")
    lobby = visitor().log_in(alice).page
    lobby.goto("/")
    expect(unread_in_list(lobby)).to_be_hidden()
    mark_unread(here, 8)
    expect(below_the_line(here.page)).to_have_attribute("data-seq", "8")
    expect(unread_in_list(lobby)).to_have_text("3", timeout=WITHIN)
    expect(below_the_line(there.page)).to_have_attribute("data-seq", "8", timeout=WITHIN)
    expect(there.page).to_have_title("(3) Kitchen · Obrolan")
    here.page.evaluate(GAIN_FOCUS)
    for topic in ("Soup", "Tea"):  # two updates of the lobby, in which a mark would have been sent and stored
        Room.objects.update(topic=topic)
        expect(lobby.locator('[data-slug="kitchen"] .room-topic')).to_have_text(topic)
    expect(unread_in_list(lobby)).to_have_text("3")

    here.page.set_viewport_size({"width": 1200, "height": 350})
    here.scroll_to(100)
    expect(here.page.locator("#message-3")).to_be_in_viewport()
    here.scroll_to(0)
    expect(unread_in_list(lobby)).to_be_hidden(timeout=WITHIN)
    expect(there.page).to_have_title("Kitchen · Obrolan")
    expect(there.page.locator("[data-messages] [data-unread-line]")).to_have_count(0)
    expect(below_the_line(here.page)).to_have_attribute("data-seq", "8")


def test_a_reload_shows_the_same_line_as_the_mark(visitor, read_kitchen, alice):
    reader = visitor().log_in(alice).join_room("kitchen")
    mark_unread(reader, 8)
    expect(unread_in_list(reader.page)).to_have_text("3")
    marked = reader.page.locator("[data-messages]").inner_html()
    reader.page.evaluate(LOSE_FOCUS)
    reader.page.reload()
    expect(below_the_line(reader.page)).to_have_attribute("data-seq", "8")
    expect(reader.page.locator("[data-messages] > *")).to_have_count(
        marked.count("<li") - marked.count("<li>")
    )


def test_marking_as_unread_while_offline_says_so(visitor, read_kitchen, alice):
    reader = visitor().log_in(alice).join_room("kitchen")
    reader.page.locator("#message-8").hover()  # loads the menu
    expect(reader.page.get_by_role("toolbar")).to_be_visible()
    reader.go_offline()
    reader.see_state("You are offline")
    mark_unread(reader, 8)
    reader.see_state("Mark messages as unread when you are back")
    expect(reader.page.locator("[data-messages] [data-unread-line]")).to_have_count(0)
