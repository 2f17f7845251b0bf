"""Scrolling through history: no gaps, no duplicates and no jumps, however long the conversation is."""

import re
import uuid

import pytest
from playwright.sync_api import expect

LONG = 10_000

TO_AN_END = """
async ({ up, last }) => {
  const talk = document.querySelector("[data-scroller]");
  const rows = () => [...talk.querySelectorAll("[data-seq]")];
  const seqs = () => rows().map((row) => Number(row.dataset.seq));
  const seen = new Set();
  const found = { jumps: [], disorder: 0, most: 0 };
  const frame = () => new Promise(requestAnimationFrame);
  for (let turn = 0; turn < 400; turn += 1) {
    const here = seqs();
    here.forEach((seq) => seen.add(seq));
    found.most = Math.max(found.most, here.length);
    if (here.some((seq, index) => index && seq !== here[index - 1] + 1)) found.disorder += 1;
    if (here.at(up ? 0 : -1) === last) break;
    talk.scrollTop = up ? -(talk.scrollHeight - talk.clientHeight - 300) : -100;
    const line = talk.getBoundingClientRect().top + 40;
    const anchor = rows().find((row) => row.getBoundingClientRect().bottom > line);
    const before = anchor.getBoundingClientRect().top;
    const deadline = performance.now() + 8000;
    while (seqs().at(up ? 0 : -1) === here.at(up ? 0 : -1)) {
      if (performance.now() > deadline) throw new Error(`nothing came after ${here.at(up ? 0 : -1)}`);
      await frame();
    }
    const moved = anchor.getBoundingClientRect().top - before;
    if (Math.abs(moved) > 1) found.jumps.push([here.at(0), moved]);
  }
  return { ...found, seen: seen.size };
}
"""

IN_PLACE = "([id, y]) => Math.abs(document.getElementById(id)?.getBoundingClientRect().y - y) <= 2"


def fill(room, author, count):
    from chat.actions.messages import Draft, post

    for start in range(0, count, 500):
        texts = [f"Message {number + 1}" for number in range(start, min(start + 500, count))]
        post([Draft(room.pk, author.pk, uuid.uuid4(), text) for text in texts])


@pytest.fixture
def long_talk(kitchen, alice):
    fill(kitchen, alice, LONG)


def test_ten_thousand_messages_can_be_scrolled_up_and_down(visitor, long_talk, alice):
    reader = visitor().sign_in(alice).join_room("kitchen")
    expect(reader.page.locator(".message").last).to_contain_text(f"Message {LONG}")

    back = reader.page.evaluate(TO_AN_END, {"up": True, "last": 1})
    assert back["jumps"] == [] and back["disorder"] == 0
    assert back["seen"] == LONG
    assert back["most"] <= 600, "the page keeps too many rows"
    expect(reader.page.locator("[data-edge]")).to_have_text("This is the beginning of Kitchen.")

    forth = reader.page.evaluate(TO_AN_END, {"up": False, "last": LONG})
    assert forth["jumps"] == [] and forth["disorder"] == 0
    assert forth["seen"] == LONG


def test_a_room_opens_at_its_end_and_follows_new_messages(visitor, kitchen, alice, bob):
    fill(kitchen, alice, 120)
    reader = visitor().sign_in(alice).join_room("kitchen")
    fill(kitchen, bob, 1)
    reader.see_message("Message 1")
    expect(reader.page.locator(".message").last).to_be_in_viewport()
    expect(reader.page.locator("[data-newer]")).to_be_hidden()


def test_a_user_who_scrolled_up_is_not_moved_and_is_told_of_new_messages(visitor, kitchen, alice, bob):
    fill(kitchen, alice, 120)
    reader = visitor().sign_in(alice).join_room("kitchen")
    writer = visitor().sign_in(bob).join_room("kitchen")
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


def test_a_permalink_shows_its_message_and_the_latest_are_one_click_away(visitor, kitchen, alice, bob):
    fill(kitchen, alice, 400)
    reader = visitor().sign_in(alice)
    reader.page.goto("/rooms/kitchen/100/")
    reader.be_in_room()
    expect(reader.page.locator("#message-100")).to_be_in_viewport()
    fill(kitchen, bob, 1)
    reader.page.get_by_role("button", name="One new message").click()
    expect(reader.page.locator("#message-401")).to_be_in_viewport()
    expect(reader.page).to_have_url(re.compile("/rooms/kitchen/$"))
    reader.send_message("At the end").see_message("At the end")
    assert reader.seqs()[-1] == 402


def test_an_edit_of_an_old_message_shows_when_the_user_scrolls_to_it(visitor, kitchen, alice):
    from chat.actions.changes import Edit
    from chat.actions.messages import post

    fill(kitchen, alice, 300)
    reader = visitor().sign_in(alice).join_room("kitchen")
    post([Edit(kitchen.pk, alice.pk, 5, "Changed")])
    reader.send_message("After it").see_message("After it")
    reader.page.evaluate(TO_AN_END, {"up": True, "last": 1})
    expect(reader.page.locator("#message-5")).to_contain_text("Changed")
    expect(reader.page.locator("#message-5 .edited")).to_be_visible()


def test_edits_deletions_and_reactions_show_at_once(visitor, kitchen, alice, bob):
    from chat.actions.changes import Delete, Edit, React
    from chat.actions.messages import post

    fill(kitchen, alice, 3)
    reader = visitor().sign_in(bob).join_room("kitchen")
    post([Edit(kitchen.pk, alice.pk, 1, "Better")])
    reader.see_message("Better")
    expect(reader.page.locator("#message-1 .edited")).to_be_visible()
    post([React(kitchen.pk, alice.pk, 2, "👍", True), React(kitchen.pk, bob.pk, 2, "👍", True)])
    expect(reader.page.locator("#message-2 .reactions li")).to_have_text("👍 2")
    post([Delete(kitchen.pk, alice.pk, 3)])
    expect(reader.page.locator("#message-3 .tombstone")).to_have_text("Deleted")
    expect(reader.page.locator("#message-3 .tombstone")).to_be_visible()
    expect(reader.page.locator("#message-3 .words")).to_be_hidden()


def test_a_message_that_a_moderator_hid_is_told_apart_from_one_that_its_author_deleted(
    visitor, kitchen, alice, bob
):
    from chat.actions.messages import hide, restore
    from chat.models import Message

    bob.is_staff = bob.is_superuser = True
    bob.save()
    fill(kitchen, alice, 1)
    reader = visitor().sign_in(alice).join_room("kitchen")
    hide(Message.objects.all(), by=bob)
    tombstone = reader.page.locator("#message-1 .tombstone")
    expect(tombstone).to_be_visible()
    expect(tombstone).to_have_text("Hidden by a moderator")
    reader.page.reload()
    expect(tombstone).to_have_text("Hidden by a moderator")
    restore(Message.objects.all(), by=bob)
    expect(tombstone).to_be_hidden()


def test_a_message_sent_while_reading_history_leaves_before_the_latest_page_is_loaded(
    visitor, kitchen, alice, bob
):
    fill(kitchen, alice, 400)
    reader = visitor().sign_in(alice)
    reader.page.goto("/rooms/kitchen/100/")
    reader.be_in_room()
    friend = visitor().sign_in(bob).join_room("kitchen")
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
    fill(kitchen, alice, 60)
    reader = visitor().sign_in(alice).join_room("kitchen")
    server.terminate()
    fill(kitchen, bob, 300)
    server.start()
    reader.see_message("Message 300")
    seqs = reader.seqs()
    assert seqs == list(range(seqs[0], 361))


def test_a_client_that_is_far_behind_keeps_its_scroll_position(visitor, kitchen, alice, bob, server):
    fill(kitchen, alice, 120)
    reader = visitor().sign_in(alice).join_room("kitchen")
    reader.scroll_to(900)
    row = reader.page.locator("#message-75")
    before = row.bounding_box()
    server.terminate()
    fill(kitchen, bob, 300)
    with reader.page.expect_response(re.compile("around=")):
        server.start()
        reader.be_in_room()
    expect(reader.page.get_by_role("button", name="300 new messages")).to_be_hidden()
    expect(reader.page.locator("[data-newer]")).to_be_visible()
    expect(row).to_be_in_viewport()
    reader.page.wait_for_function(IN_PLACE, arg=["message-75", before["y"]])
    reader.page.locator("[data-newer]").click()
    expect(reader.page.locator("#message-420")).to_be_in_viewport()
