"""Scrolling through history: no gaps, no duplicates and no jumps, however long the conversation is."""

import re
import uuid

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.once

MESSAGES = 10_000

SCROLL_TO_END = """
async ({ up, last }) => {
  const scroller = document.querySelector("[data-scroller]");
  const rows = () => [...scroller.querySelectorAll("[data-seq]")];
  const seqs = () => rows().map((row) => Number(row.dataset.seq));
  const seen = new Set();
  const result = { jumps: [], gaps: 0, mostRows: 0 };
  const frame = () => new Promise(requestAnimationFrame);
  for (let turn = 0; turn < 400; turn += 1) {
    const shown = seqs();
    shown.forEach((seq) => seen.add(seq));
    result.mostRows = Math.max(result.mostRows, shown.length);
    if (shown.some((seq, index) => index && seq !== shown[index - 1] + 1)) result.gaps += 1;
    if (shown.at(up ? 0 : -1) === last) break;
    scroller.scrollTop = up ? -(scroller.scrollHeight - scroller.clientHeight - 300) : -100;
    const line = scroller.getBoundingClientRect().top + 40;
    const anchor = rows().find((row) => row.getBoundingClientRect().bottom > line);
    const before = anchor.getBoundingClientRect().top;
    const deadline = performance.now() + 8000;
    while (seqs().at(up ? 0 : -1) === shown.at(up ? 0 : -1)) {
      if (performance.now() > deadline) throw new Error(`no message loaded after ${shown.at(up ? 0 : -1)}`);
      await frame();
    }
    const moved = anchor.getBoundingClientRect().top - before;
    if (Math.abs(moved) > 1) result.jumps.push([shown.at(0), moved]);
  }
  return { ...result, seen: seen.size };
}
"""

DID_NOT_MOVE = "([id, y]) => Math.abs(document.getElementById(id)?.getBoundingClientRect().y - y) <= 2"


def post_messages(room, author, count):
    from chat.actions.messages import Draft, post

    for start in range(0, count, 500):
        texts = [f"Message {number + 1}" for number in range(start, min(start + 500, count))]
        post([Draft(room.pk, author.pk, uuid.uuid4(), text) for text in texts])


@pytest.fixture
def long_history(kitchen, alice):
    post_messages(kitchen, alice, MESSAGES)


def test_scrolling_through_ten_thousand_messages_shows_each_without_a_gap_or_a_jump(
    visitor, long_history, alice
):
    reader = visitor().log_in(alice).join_room("kitchen")
    expect(reader.page.locator(".message").last).to_contain_text(f"Message {MESSAGES}")

    up = reader.page.evaluate(SCROLL_TO_END, {"up": True, "last": 1})
    assert up["jumps"] == [] and up["gaps"] == 0
    assert up["seen"] == MESSAGES
    assert up["mostRows"] <= 600, "the page keeps too many rows"
    expect(reader.page.locator("[data-edge]")).to_have_text("This is the beginning of Kitchen.")

    down = reader.page.evaluate(SCROLL_TO_END, {"up": False, "last": MESSAGES})
    assert down["jumps"] == [] and down["gaps"] == 0
    assert down["seen"] == MESSAGES


def test_a_room_opens_at_the_latest_message_and_scrolls_to_new_ones(visitor, kitchen, alice, bob):
    post_messages(kitchen, alice, 120)
    reader = visitor().log_in(alice).join_room("kitchen")
    post_messages(kitchen, bob, 1)
    reader.see_message("Message 1")
    expect(reader.page.locator(".message").last).to_be_in_viewport()
    expect(reader.page.locator("[data-newer]")).to_be_hidden()


def test_new_messages_do_not_scroll_the_page_of_a_user_who_reads_history(visitor, kitchen, alice, bob):
    post_messages(kitchen, alice, 120)
    reader = visitor().log_in(alice).join_room("kitchen")
    writer = visitor().log_in(bob).join_room("kitchen")
    reader.scroll_to(900)
    row = reader.page.locator("#message-75")
    before = row.bounding_box()
    writer.send_message("First")
    writer.send_message("Second")
    button = reader.page.get_by_role("button", name="Two new messages")
    expect(button).to_be_visible()
    assert abs(row.bounding_box()["y"] - before["y"]) <= 1
    button.click()
    expect(reader.message("Second")).to_be_in_viewport()
    expect(button).to_be_hidden()


def test_a_permalink_shows_its_message_and_a_button_leads_to_the_latest_one(visitor, kitchen, alice, bob):
    post_messages(kitchen, alice, 400)
    reader = visitor().log_in(alice)
    reader.page.goto("/rooms/kitchen/100/")
    reader.wait_for_room()
    expect(reader.page.locator("#message-100")).to_be_in_viewport()
    post_messages(kitchen, bob, 1)
    reader.page.get_by_role("button", name="One new message").click()
    expect(reader.page.locator("#message-401")).to_be_in_viewport()
    expect(reader.page).to_have_url(re.compile("/rooms/kitchen/$"))
    reader.send_message("At the end").see_message("At the end")
    assert reader.seqs()[-1] == 402


def test_an_edit_of_an_old_message_shows_when_the_user_scrolls_to_it(visitor, kitchen, alice):
    from chat.actions.changes import Edit
    from chat.actions.messages import post

    post_messages(kitchen, alice, 300)
    reader = visitor().log_in(alice).join_room("kitchen")
    post([Edit(kitchen.pk, alice.pk, 5, "Changed")])
    reader.send_message("After it").see_message("After it")
    reader.page.evaluate(SCROLL_TO_END, {"up": True, "last": 1})
    expect(reader.page.locator("#message-5")).to_contain_text("Changed")
    expect(reader.page.locator("#message-5 .edited")).to_be_visible()


def test_edits_deletions_and_reactions_show_at_once(visitor, kitchen, alice, bob):
    from chat.actions.changes import Delete, Edit, React
    from chat.actions.messages import post

    post_messages(kitchen, alice, 3)
    reader = visitor().log_in(bob).join_room("kitchen")
    post([Edit(kitchen.pk, alice.pk, 1, "Better")])
    reader.see_message("Better")
    expect(reader.page.locator("#message-1 .edited")).to_be_visible()
    post([React(kitchen.pk, alice.pk, 2, "👍", True), React(kitchen.pk, bob.pk, 2, "👍", True)])
    expect(reader.page.locator("#message-2 .reactions li")).to_have_text("👍 2")
    post([Delete(kitchen.pk, alice.pk, 3)])
    expect(reader.page.locator("#message-3 .tombstone")).to_have_text("Deleted")
    expect(reader.page.locator("#message-3 .tombstone")).to_be_visible()
    expect(reader.page.locator("#message-3 .words")).to_be_hidden()


def test_a_message_that_a_moderator_hid_is_not_shown_as_deleted(visitor, kitchen, alice, bob):
    from chat.actions.moderation import hide, restore
    from chat.models import Message

    bob.is_staff = bob.is_superuser = True
    bob.save()
    post_messages(kitchen, alice, 1)
    reader = visitor().log_in(alice).join_room("kitchen")
    hide(Message.objects.all(), by=bob)
    tombstone = reader.page.locator("#message-1 .tombstone")
    expect(tombstone).to_be_visible()
    expect(tombstone).to_have_text("Hidden by a moderator")
    reader.page.reload()
    expect(tombstone).to_have_text("Hidden by a moderator")
    restore(Message.objects.all(), by=bob)
    expect(tombstone).to_be_hidden()


def test_a_message_sent_from_history_does_not_wait_for_the_latest_page_to_load(visitor, kitchen, alice, bob):
    from chat.actions.reading import mark_read

    post_messages(kitchen, alice, 400)
    reader = visitor().log_in(alice)
    reader.page.goto("/rooms/kitchen/100/")
    reader.wait_for_room()
    mark_read({(kitchen.pk, bob.pk): 400})  # so the friend's page opens at the end
    friend = visitor().log_in(bob).join_room("kitchen")
    held = []
    reader.page.route("**/messages/?*", lambda route: held.append(route))
    reader.send_message("Sent at once")
    friend.see_message("Sent at once")
    expect(reader.page.locator(".message").last).to_contain_text("Sent at once")
    expect(reader.page.locator(".message").last).to_be_in_viewport()
    reader.see_nothing_pending()
    while held:
        held.pop().continue_()
    reader.page.unroute("**/messages/?*")
    expect(reader.page.locator("#message-401")).to_be_in_viewport()
    reader.see_message("Sent at once")
    assert reader.seqs()[-1] == 401


def test_a_client_that_is_far_behind_shows_the_latest_messages(visitor, kitchen, alice, bob, server):
    post_messages(kitchen, alice, 60)
    reader = visitor().log_in(alice).join_room("kitchen")
    server.terminate()
    post_messages(kitchen, bob, 300)
    server.start()
    reader.see_message("Message 300")
    seqs = reader.seqs()
    assert seqs == list(range(seqs[0], 361))


def test_a_client_that_is_far_behind_keeps_its_scroll_position(visitor, kitchen, alice, bob, server):
    post_messages(kitchen, alice, 120)
    reader = visitor().log_in(alice).join_room("kitchen")
    reader.scroll_to(900)
    row = reader.page.locator("#message-75")
    before = row.bounding_box()
    server.terminate()
    post_messages(kitchen, bob, 300)
    with reader.page.expect_response(re.compile("around=")):
        server.start()
        reader.wait_for_room()
    expect(reader.page.get_by_role("button", name="300 new messages")).to_be_hidden()
    expect(reader.page.locator("[data-newer]")).to_be_visible()
    expect(row).to_be_in_viewport()
    reader.page.wait_for_function(DID_NOT_MOVE, arg=["message-75", before["y"]])
    reader.page.locator("[data-newer]").click()
    expect(reader.page.locator("#message-420")).to_be_in_viewport()
