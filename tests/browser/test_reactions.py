"""Reactions of two people: chips that toggle, names, their order, and reactions that are on their way."""

import re
import uuid

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.once


def say(room, author, *texts):
    from chat.actions.messages import Draft, post

    post([Draft(room.pk, author.pk, uuid.uuid4(), text) for text in texts])


def react(room, seq, emoji, *people, on=True):
    from chat.actions.changes import React
    from chat.actions.messages import post

    post([React(room.pk, person.pk, seq, emoji, on) for person in people])


def chip(visitor, seq, emoji):
    return visitor.page.locator(f'#message-{seq} [data-emoji="{emoji}"] button')


@pytest.fixture
def pair(visitor, kitchen, alice, bob):
    """Alice and Bob in the kitchen, with a message that has one 👍 of Alice."""
    say(kitchen, alice, "Tea?")
    react(kitchen, 1, "👍", alice)
    return visitor().log_in(alice).join_room("kitchen"), visitor().log_in(bob).join_room("kitchen")


def test_a_reaction_is_taken_up_and_taken_back_on_both_screens(pair):
    hers, his = pair
    expect(chip(hers, 1, "👍")).to_have_attribute("aria-pressed", "true")
    expect(chip(his, 1, "👍")).to_have_attribute("aria-pressed", "false")
    chip(his, 1, "👍").click()
    for one in pair:
        expect(chip(one, 1, "👍")).to_have_text("👍 2")
        expect(chip(one, 1, "👍")).to_have_attribute("aria-pressed", "true")
    expect(his.page.locator(".pending")).to_have_count(0)
    chip(his, 1, "👍").click()
    expect(chip(hers, 1, "👍")).to_have_text("👍 1")
    chip(hers, 1, "👍").press("Enter")
    for one in pair:
        expect(one.page.locator("#message-1 .reactions")).to_be_hidden()


def test_events_lead_to_the_same_chips_as_a_reload(pair, kitchen, alice, bob):
    hers, _ = pair
    for emoji in ("🎉", "❤️", "😂"):
        react(kitchen, 1, emoji, bob)
    react(kitchen, 1, "👍", alice, on=False)
    react(kitchen, 1, "👍", alice)
    chip(hers, 1, "❤️").click()
    expect(chip(hers, 1, "❤️")).to_have_text("❤️ 2")
    expect(hers.page.locator(".pending")).to_have_count(0)
    shown = (
        "list => [...list.children].map((item) => [item.dataset.emoji, item.innerText, "
        "item.firstElementChild.ariaPressed, item.firstElementChild.className])"
    )
    before = hers.page.locator("#message-1 .reactions ul").evaluate(shown)
    hers.page.reload()
    hers.wait_for_room()
    assert hers.page.locator("#message-1 .reactions ul").evaluate(shown) == before
    expect(hers.page.locator("#message-1 .reactions li")).to_have_text(["🎉 1", "❤️ 2", "😂 1", "👍 1"])


def test_the_names_of_the_people_show_on_hover_and_on_focus(pair, kitchen, alice, bob):
    hers, _ = pair
    react(kitchen, 1, "👍", bob)
    expect(chip(hers, 1, "👍")).to_have_text("👍 2")
    names = hers.page.get_by_role("tooltip")
    chip(hers, 1, "👍").hover()
    expect(names).to_have_text("You and Bob reacted with 👍")
    hers.page.mouse.move(1, 1)
    expect(names).to_be_hidden()
    chip(hers, 1, "👍").focus()
    expect(names).to_have_text("You and Bob reacted with 👍")
    expect(chip(hers, 1, "👍")).to_have_accessible_description("You and Bob reacted with 👍")
    hers.page.keyboard.press("Enter")
    expect(names).to_have_text("Bob reacted with 👍")
    hers.page.keyboard.press("Escape")
    expect(names).to_be_hidden()


def test_the_names_of_absent_people_are_fetched_on_hover_and_only_once(pair, kitchen, charlie):
    from tests.conftest import create_person

    hers, _ = pair
    requests = []
    hers.page.on("request", lambda request: requests.append(request.url))
    react(kitchen, 1, "👍", charlie, *(create_person(f"Person{number}") for number in range(12)))
    expect(chip(hers, 1, "👍")).to_have_text("👍 14")
    assert not [url for url in requests if "reactions/" in url]
    tooltip = hers.page.get_by_role("tooltip")
    for _ in range(2):
        chip(hers, 1, "👍").hover()
        expect(tooltip).to_have_text(
            re.compile("^You, Charlie, Person0, .*, Person7 and 4 others reacted with 👍$")
        )
        hers.page.mouse.move(1, 1)
        expect(tooltip).to_be_hidden()
    assert len([url for url in requests if "reactions/" in url]) == 1


def test_a_reaction_shows_at_once_while_offline_and_is_sent_later(pair):
    hers, his = pair
    his.go_offline()
    chip(his, 1, "👍").click()
    expect(chip(his, 1, "👍")).to_have_text("👍 2")
    expect(chip(his, 1, "👍")).to_have_class(re.compile("pending"))
    expect(chip(hers, 1, "👍")).to_have_text("👍 1")
    his.go_online()
    expect(chip(hers, 1, "👍")).to_have_text("👍 2")
    expect(chip(his, 1, "👍")).not_to_have_class(re.compile("pending"))


def test_a_refused_reaction_says_why_and_can_be_discarded(pair, kitchen, alice):
    _, his = pair
    for emoji in "😀😁😂😃😄😅😆😇😈😉😊😋😌😍😎😏😐😑😒":
        react(kitchen, 1, emoji, alice)
    expect(his.page.locator("#message-1 .reactions li")).to_have_count(20)
    his.page.locator("#message-1 .add-reaction").click()
    his.page.get_by_label("Search emoji").fill("tada")
    his.page.keyboard.press("Enter")
    expect(his.page.locator("#message-1 .failure")).to_contain_text("This message cannot have more reactions")
    expect(his.page.locator("#message-1 .reactions li")).to_have_count(20)
    his.page.get_by_role("button", name="Discard").click()
    expect(his.page.locator(".failure")).to_have_count(0)


def test_reactions_do_not_move_what_one_reads(pair, kitchen, alice, bob):
    hers, _ = pair
    say(kitchen, alice, *(f"Line {number}" for number in range(60)))
    hers.see_message("Line 59")
    hers.scroll_to(600)
    middle = "() => { const scroller = document.querySelector('[data-scroller]').getBoundingClientRect();"
    row = hers.page.evaluate_handle(
        f"{middle} return document.elementFromPoint(500, scroller.top + 60).closest('.message'); }}"
    )
    place = "row => row.getBoundingClientRect().bottom"
    before = row.evaluate(place)
    for seq in (2, 30, 58, 60, 61):
        react(kitchen, seq, "👍", bob)
    expect(chip(hers, 61, "👍")).to_have_count(1)
    assert abs(row.evaluate(place) - before) <= 1


def test_the_focus_stays_on_a_chip_while_others_react(pair, kitchen, bob):
    hers, _ = pair
    hers.page.locator("#message-1").hover()
    expect(hers.page.locator("#message-1 > .toolbar")).to_be_visible()
    hers.page.locator("#message-1").focus()
    for _ in range(3):  # past the author and the time
        hers.page.keyboard.press("ArrowRight")
    expect(chip(hers, 1, "👍")).to_be_focused()
    react(kitchen, 1, "😂", bob)
    expect(chip(hers, 1, "😂")).to_be_visible()
    expect(chip(hers, 1, "👍")).to_be_focused()
