"""Deletions: tombstones, undo, and runs of deleted messages."""

import re
import uuid

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.once


def say(room, author, *texts):
    from chat.actions.messages import Draft, post

    return post([Draft(room.pk, author.pk, uuid.uuid4(), text) for text in texts])


def choose(person, text, entry):
    person.message(text).hover()
    person.page.get_by_role("button", name="More actions").click()
    person.page.get_by_role("menuitem", name=entry).click()


def tombstone(person, seq):
    return person.page.locator(f"#message-{seq} .tombstone")


@pytest.fixture
def two(visitor, kitchen, alice, bob):
    """Alice, a member, and Bob, a moderator."""
    say(kitchen, alice, "Tea?", "Coffee?", "Milk?")
    say(kitchen, bob, "Water")
    return [visitor().log_in(person).join_room("kitchen") for person in (alice, bob)]


def test_a_deletion_can_be_undone_for_ten_seconds_by_the_person_who_deleted(two):
    alice, bob = two
    alice.page.clock.install()
    choose(alice, "Coffee?", "Delete")
    for person in two:
        expect(tombstone(person, 2)).to_be_visible()
        expect(person.message("Coffee?")).to_have_count(0)
    expect(bob.page.get_by_role("button", name="Undo")).to_have_count(0)
    alice.page.get_by_role("button", name="Undo").click()
    for person in two:
        person.see_message("Coffee?")
        expect(tombstone(person, 2)).to_be_hidden()
    alice.see_nothing_pending()
    choose(alice, "Coffee?", "Delete")
    expect(alice.page.get_by_role("button", name="Undo")).to_be_visible()
    alice.page.clock.fast_forward(9_000)
    expect(alice.page.get_by_role("button", name="Undo")).to_be_visible()
    alice.page.clock.fast_forward(1_500)
    expect(alice.page.get_by_role("button", name="Undo")).to_have_count(0)
    expect(tombstone(alice, 2)).to_be_visible()


def test_a_moderator_hides_a_message_and_restores_it_later(two):
    alice, bob = two
    choose(bob, "Tea?", "Hide")
    for person in two:
        expect(tombstone(person, 1)).to_contain_text("Hidden by a moderator")
    expect(alice.page.get_by_role("button", name="Undo")).to_have_count(0)
    bob.page.get_by_role("button", name="Undo").click()
    alice.see_message("Tea?")
    choose(bob, "Tea?", "Hide")
    expect(tombstone(bob, 1)).to_be_visible()
    bob.page.reload()
    bob.wait_for_room()
    bob.page.locator("#message-1").hover()
    bob.page.get_by_role("button", name="More actions").click()
    bob.page.get_by_role("menuitem", name="Restore").click()
    alice.see_message("Tea?")
    alice.page.locator("#message-1").hover()
    expect(alice.page.get_by_role("menuitem", name="Restore")).to_have_count(0)


def test_a_deletion_is_sent_when_the_connection_is_back(two):
    alice, bob = two
    alice.message("Milk?").hover()
    alice.page.get_by_role("button", name="More actions").click()
    alice.go_offline()
    alice.page.get_by_role("menuitem", name="Delete").click()
    alice.see_pending("Milk?")
    alice.go_online()
    expect(tombstone(bob, 3)).to_be_visible(timeout=15_000)
    alice.see_nothing_pending()
    expect(alice.page.get_by_role("button", name="Undo")).to_be_visible()


def test_a_run_of_deleted_messages_folds_for_everybody_and_unfolds_on_click(two):
    alice, bob = two
    for text in ("Tea?", "Coffee?"):
        choose(bob, text, "Hide")
    expect(tombstone(alice, 2)).to_be_visible()
    expect(alice.page.locator(".unfold")).to_have_count(0)
    choose(bob, "Milk?", "Hide")
    unfold = alice.page.get_by_role("button", name="3 deleted messages")
    expect(unfold).to_be_visible()
    expect(alice.page.locator(".tombstone:visible")).to_have_count(0)
    expect(bob.page.locator(".unfold")).to_have_count(0)  # Bob can still undo
    alice.page.reload()
    alice.wait_for_room()
    expect(alice.page.locator(".tombstone:visible")).to_have_count(0)
    unfold.click()
    expect(alice.page.locator(".tombstone:visible")).to_have_count(3)
    expect(alice.page.locator("#message-1")).to_be_focused()
    expect(unfold).to_have_count(0)


def test_a_restored_message_ends_the_run(two, kitchen, alice, bob):
    from chat.actions.changes import Delete, Restore
    from chat.actions.messages import post

    first = two[0]
    post([Delete(kitchen.pk, bob.pk, seq) for seq in (1, 2, 3)])
    for person in two:
        expect(person.page.get_by_role("button", name="3 deleted messages")).to_be_visible()
    post([Restore(kitchen.pk, bob.pk, 2)])
    for person in two:
        person.see_message("Coffee?")
        expect(person.page.locator(".unfold")).to_have_count(0)
        expect(person.page.locator(".tombstone:visible")).to_have_count(2)
    shown = [row.get_attribute("class") for row in first.page.locator(".message").all()]
    first.page.reload()
    first.wait_for_room()
    assert [row.get_attribute("class") for row in first.page.locator(".message").all()] == shown


def test_deleting_and_undoing_with_the_keyboard_keeps_the_focus(two):
    alice, bob = two
    alice.page.locator("#text").focus()
    alice.page.keyboard.press("Shift+Tab")
    expect(alice.page.locator("#message-4")).to_be_focused()
    alice.page.keyboard.press("ArrowUp")
    expect(alice.page.locator("#message-3")).to_be_focused()
    for key in ("Enter", "End", "Enter"):
        alice.page.keyboard.press(key)
    expect(tombstone(bob, 3)).to_be_visible()
    expect(alice.page.locator("#message-3")).to_be_focused()
    undo = alice.page.get_by_role("button", name="Undo")
    expect(undo).to_be_visible()
    for _ in range(3):
        alice.page.keyboard.press("ArrowRight")
        if undo.evaluate("button => button === document.activeElement"):
            break
    expect(undo).to_be_focused()
    alice.page.keyboard.press("Enter")
    bob.see_message("Milk?")
    expect(alice.page.locator("#message-3")).to_be_focused()
    expect(alice.page.locator("#message-3")).to_have_accessible_name(re.compile("Milk"))


def test_folding_above_the_readers_position_moves_nothing(visitor, kitchen, alice, bob):
    from chat.actions.changes import Delete
    from chat.actions.messages import post

    say(kitchen, alice, *(f"Line {number}" for number in range(1, 51)))
    reader = visitor().log_in(bob).join_room("kitchen")
    reader.scroll_to(150)
    row = reader.page.locator("#message-35")
    before = row.bounding_box()
    post([Delete(kitchen.pk, alice.pk, seq) for seq in range(2, 8)])
    unfold = reader.page.get_by_role("button", name="6 deleted messages")
    expect(unfold).to_have_count(1)
    assert abs(row.bounding_box()["y"] - before["y"]) <= 1
    unfold.evaluate("button => button.click()")
    expect(unfold).to_have_count(0)
