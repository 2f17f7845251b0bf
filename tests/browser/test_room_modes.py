"""Modes of a room: what members and moderators see while they can, and cannot, write."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from chat.actions import modes
from chat.models import Room

pytestmark = pytest.mark.once


@pytest.fixture
def member(visitor, kitchen, alice):
    return visitor().log_in(alice).join_room("kitchen")


@pytest.fixture
def moderator(visitor, kitchen, bob):
    return visitor().log_in(bob).join_room("kitchen")


def gate(person):
    return person.page.locator("[data-gate]")


def badges(person):
    return person.page.locator("[data-modes]")


def test_slow_mode_counts_down_on_the_button_and_keeps_the_text(member, moderator, kitchen, bob):
    modes.set_modes(kitchen, by=bob, slow_mode=5)
    expect(badges(member)).to_have_text("Slow mode: 5 s")
    member.send_message("One").see_message("One")
    expect(member.page.locator(".send[data-wait]")).to_have_count(1)
    member.send_message("Two")
    expect(member.page.locator("[data-answer]")).to_contain_text("Slow mode is on. You can send this in")
    expect(member.page.locator("#text")).to_have_value("Two")
    expect(member.page.locator(".send[data-wait]")).to_have_count(0)
    member.click_send().see_message("Two")
    moderator.send_message("Exempt").see_message("Exempt")
    moderator.send_message("At once").see_message("At once")


def test_slow_mode_goes_on_after_a_reload(member, kitchen, bob):
    modes.set_modes(kitchen, by=bob, slow_mode=60)
    expect(badges(member)).to_be_visible()
    member.send_message("One").see_message("One")
    member.page.reload()
    member.wait_for_room()
    expect(member.page.locator(".send[data-wait]")).to_have_attribute("data-wait", re.compile(r"^5\d$"))


def test_a_calm_down_ends_by_itself(member, moderator, kitchen, bob):
    member.write("Wait, what?")
    modes.calm_down(kitchen, by=bob, reason="Let us have some tea.")
    expect(gate(member)).to_contain_text("This room is read-only until")
    expect(gate(member)).to_contain_text("Let us have some tea.")
    expect(gate(moderator)).to_be_hidden()
    Room.objects.update(calm_until=timezone.now() + timedelta(seconds=6))
    member.page.reload()
    member.wait_for_room()
    expect(gate(member)).to_contain_text(re.compile(r"\d s left"))
    expect(gate(member)).to_be_hidden()
    expect(member.page.locator("#text")).to_have_value("Wait, what?")
    member.click_send().see_message("Wait, what?")


def test_a_lock_and_its_end_reach_an_open_page(member, moderator, kitchen, bob):
    modes.set_modes(kitchen, by=bob, is_locked=True, reason="We talk tomorrow.")
    expect(gate(member)).to_contain_text("Only moderators can write here now.")
    expect(badges(member)).to_have_text("Locked")
    moderator.send_message("Good night").see_message("Good night")
    modes.reopen(kitchen, by=bob)
    expect(gate(member)).to_be_hidden()
    expect(badges(member)).to_be_hidden()


def test_an_archived_room_is_read_only_for_moderators_too(moderator, kitchen):
    Room.objects.update(archived_at=timezone.now(), notice="See Canteen.")
    moderator.page.reload()
    moderator.wait_for_room()
    expect(gate(moderator)).to_contain_text("This room is archived. Nobody can write here.")
    expect(gate(moderator)).to_contain_text("See Canteen.")


def test_a_guest_in_a_room_for_accounts_sees_how_to_log_in(visitor, kitchen):
    Room.objects.update(posters="accounts")
    guest = visitor().join_as_guest("Gus", "Kitchen")
    expect(gate(guest)).to_contain_text("Only people with an account can write here.")
    gate(guest).get_by_role("link", name="Log in").click()
    expect(guest.page).to_have_url(re.compile(r"/accounts/login/\?next="))


def test_the_lock_is_announced_once_to_a_screen_reader(member, kitchen, bob):
    announced = member.page.evaluate_handle(
        """() => {
          const said = [];
          const region = document.querySelector("[data-announcer]");
          new MutationObserver(() => region.textContent && said.push(region.textContent))
            .observe(region, { childList: true });
          return said;
        }"""
    )
    modes.set_modes(kitchen, by=bob, is_locked=True)
    expect(gate(member)).to_be_visible()
    modes.reopen(kitchen, by=bob)
    expect(gate(member)).to_be_hidden()
    said = [text.strip() for text in announced.json_value()]
    assert said == ["Only moderators can write here now.", "You can write again."]


def test_what_the_page_opens_with_is_not_announced(visitor, kitchen, alice, bob):
    modes.set_modes(kitchen, by=bob, is_locked=True)
    member = visitor().log_in(alice).join_room("kitchen")
    expect(gate(member)).to_be_visible()
    modes.set_modes(kitchen, by=bob, slow_mode=5)
    expect(badges(member)).to_contain_text("Slow mode")
    expect(member.page.locator("[data-announcer]")).to_be_empty()
