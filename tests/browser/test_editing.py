"""Editing a message in place, and its earlier versions."""

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


def editor(person):
    return person.page.get_by_role("textbox", name="Message text")


@pytest.fixture
def two(visitor, kitchen, alice, bob):
    say(kitchen, alice, "Tea at *four*", "Or five")
    say(kitchen, bob, "Fine")
    return [visitor().log_in(person).join_room("kitchen") for person in (alice, bob)]


def test_an_edit_reaches_the_other_person_and_shows_its_earlier_versions(two):
    alice, bob = two
    choose(alice, "Tea at four", "Edit")
    expect(editor(alice)).to_be_focused()
    expect(editor(alice)).to_have_value("Tea at *four*")
    editor(alice).fill("Tea at **three**")
    editor(alice).press("Enter")
    bob.see_message("Tea at three")
    alice.see_message("Tea at three").see_nothing_pending()
    expect(editor(alice)).to_have_count(0)
    expect(alice.page.locator("#message-1")).to_be_focused()
    bob.page.locator("#message-1").get_by_role("button", name="edited").click()
    dialog = bob.page.get_by_role("dialog", name="Earlier versions")
    expect(dialog.locator("li .words em")).to_have_text("four")
    expect(dialog.locator("li")).to_have_count(1)
    expect(dialog.locator("li time")).to_contain_text("Until today")
    bob.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    bob.page.reload()
    bob.wait_for_room().see_message("Tea at three")


def test_arrow_up_in_an_empty_composer_edits_the_last_own_message(two):
    alice, bob = two
    box = alice.page.locator("#text")
    box.press("ArrowUp")
    expect(editor(alice)).to_have_value("Or five")
    editor(alice).press("Escape")
    expect(editor(alice)).to_have_count(0)
    expect(box).to_be_focused()
    box.press("ArrowUp")
    editor(alice).fill("Or six")
    editor(alice).press("Enter")
    bob.see_message("Or six")
    expect(box).to_be_focused()
    box.fill("x")
    box.press("ArrowUp")
    expect(editor(alice)).to_have_count(0)


def test_shift_enter_starts_a_line_and_the_buttons_save_and_cancel(two):
    alice, bob = two
    choose(alice, "Or five", "Edit")
    editor(alice).press("Shift+Enter")
    editor(alice).press_sequentially("or six")
    alice.page.keyboard.press("Tab")
    expect(alice.page.get_by_role("button", name="Save")).to_be_focused()
    alice.page.keyboard.press("Enter")
    expect(bob.page.locator("#message-2 .words br")).to_have_count(1)
    choose(bob, "Fine", "Edit")
    editor(bob).fill("Not fine")
    bob.page.get_by_role("button", name="Cancel").click()
    bob.see_message("Fine")
    expect(editor(bob)).to_have_count(0)


def test_a_text_that_is_too_long_is_not_sent(two):
    alice, _ = two
    choose(alice, "Or five", "Edit")
    editor(alice).fill("x" * 4_001)
    form = alice.page.get_by_role("form", name="Edit message")
    expect(form).to_contain_text("4,001 / 4,000")
    expect(form).to_contain_text("Shorten it")
    editor(alice).press("Enter")
    expect(editor(alice)).to_have_value("x" * 4_001)


def test_the_text_survives_a_reaction_and_a_lost_connection(two, kitchen, bob):
    from chat.actions.changes import React
    from chat.actions.messages import post

    alice, other = two
    choose(alice, "Or five", "Edit")
    editor(alice).fill("Or six")
    post([React(kitchen.pk, bob.pk, 2, "👍", True)])
    expect(alice.page.locator("#message-2 .reactions li")).to_have_count(1)
    expect(editor(alice)).to_have_value("Or six")
    expect(editor(alice)).to_be_focused()
    alice.go_offline()
    alice.see_state("You are offline")
    expect(editor(alice)).to_have_value("Or six")
    editor(alice).press("Enter")
    alice.see_pending("Or six")
    alice.go_online()
    other.see_message("Or six")
    alice.see_message("Or six").see_nothing_pending()


def test_the_text_survives_when_the_server_sends_the_page_again(two, kitchen):
    from chat.models import Room

    alice, _ = two
    choose(alice, "Or five", "Edit")
    editor(alice).fill("Or six")
    row = alice.page.locator("#message-2")
    row.evaluate("row => { row.dataset.first = ''; }")
    Room.objects.filter(pk=kitchen.pk).update(epoch=uuid.uuid4())  # as after a restore
    expect(row).not_to_have_attribute("data-first", "")
    expect(row.locator(".editor")).to_have_count(1)
    expect(editor(alice)).to_have_value("Or six")
    expect(editor(alice)).to_be_focused()


def test_the_user_is_told_when_the_message_changes_or_is_deleted_meanwhile(two, kitchen, alice, bob):
    from chat.actions.changes import Delete, Edit
    from chat.actions.messages import post

    first, _ = two
    choose(first, "Or five", "Edit")
    editor(first).fill("Or six")
    post([Edit(kitchen.pk, alice.pk, 2, "Or seven")])
    note = first.page.locator(".editor-note")
    expect(note).to_contain_text("changed meanwhile")
    post([Delete(kitchen.pk, bob.pk, 2)])
    expect(note).to_contain_text("deleted meanwhile")
    expect(editor(first)).to_have_value("Or six")
    expect(first.page.get_by_role("button", name="Save")).to_be_disabled()
    first.page.get_by_role("button", name="Use as a new message").click()
    expect(first.page.locator("#text")).to_have_value("Or six")
    expect(first.page.locator("#text")).to_be_focused()


def test_a_refused_edit_hands_the_text_back(two):
    alice, bob = two
    choose(alice, "Or five", "Edit")
    editor(alice).fill("abc\u202edef")
    editor(alice).press("Enter")
    failure = alice.page.locator("#message-2 .failure")
    expect(failure).to_contain_text("character that cannot be shown")
    failure.get_by_role("button", name="Edit").click()
    expect(failure).to_have_count(0)
    expect(editor(alice)).to_have_value("abc\u202edef")
    editor(alice).fill("Or six")
    editor(alice).press("Enter")
    bob.see_message("Or six")
    alice.see_nothing_pending()


def test_an_empty_edit_asks_whether_to_delete(two):
    alice, bob = two
    choose(alice, "Or five", "Edit")
    editor(alice).fill(" ")
    editor(alice).press("Enter")
    note = alice.page.locator(".editor-note")
    expect(note).to_contain_text("Delete it?")
    editor(alice).press_sequentially("x")
    expect(note).to_be_hidden()
    editor(alice).fill("")
    editor(alice).press("Enter")
    note.get_by_role("button", name="Delete").click()
    expect(bob.page.locator("#message-2 .tombstone")).to_be_visible()
    expect(alice.page.get_by_role("button", name="Undo")).to_be_visible()


def test_a_mention_is_edited_by_name(two, kitchen, alice, bob):
    first, other = two
    say(kitchen, alice, f"Hello <@{bob.pk}>")
    first.see_message("Hello @Bob")
    choose(first, "Hello @Bob", "Edit")
    expect(editor(first)).to_have_value("Hello @Bob")
    editor(first).fill("Good evening @Bob")
    editor(first).press("Enter")
    other.see_message("Good evening @Bob")
    expect(other.page.locator(".mention")).to_have_attribute("data-user", str(bob.pk))
    first.page.locator("#message-4").get_by_role("button", name="edited").click()
    expect(first.page.locator(".versions .words")).to_have_text(re.compile("^Hello @Bob$"))


def test_the_browser_asks_before_it_leaves_a_page_with_an_unsaved_edit(two):
    alice = two[0]
    asked = []
    alice.page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    choose(alice, "Or five", "Edit")
    editor(alice).press_sequentially(" or six")
    alice.page.evaluate("location.assign('/')")
    expect(editor(alice)).to_have_value("Or five or six")
    assert asked == ["beforeunload"]
    editor(alice).press("Escape")
    alice.page.goto("/")
    assert asked == ["beforeunload"]


def test_a_pasted_image_is_answered_below_the_editor(two):
    alice = two[0]
    choose(alice, "Or five", "Edit")
    editor(alice).evaluate(
        """(area) => {
          const clipboardData = new DataTransfer();
          clipboardData.items.add(new File(["x"], "a.png", { type: "image/png" }));
          area.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
        }"""
    )
    answer = alice.page.locator(".editor [data-answer]")
    expect(answer).to_contain_text("Images cannot be sent")
    editor(alice).press_sequentially("!")
    expect(answer).to_be_empty()
    expect(editor(alice)).to_have_value("Or five!")
