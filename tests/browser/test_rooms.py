"""Rooms in the browser: forms keep their text, and an open page follows its room to a new URL."""

import re

import pytest
from playwright.sync_api import expect

from chat.actions import rooms
from chat.models import Membership, Message, Room

pytestmark = pytest.mark.once


@pytest.fixture
def owned_kitchen(kitchen, alice):
    Membership.objects.filter(room=kitchen, user=alice).update(role=Membership.OWNER)
    return kitchen


@pytest.mark.parametrize("action", ["Cancel", "Create room"])
def test_the_back_button_returns_to_the_new_room_form_with_its_text(visitor, alice, action):
    page = visitor().log_in(alice).page
    page.goto("/rooms/new/")
    page.get_by_label("Name").fill("Perpustakaan")
    page.get_by_label("Topic").fill("Books")
    page.get_by_label("Only members you add").check()
    page.get_by_role("button" if action == "Create room" else "link", name=action).click()
    page.wait_for_url(re.compile(r"/$|/rooms/perpustakaan-"))
    page.go_back()
    expect(page.get_by_label("Name")).to_have_value("Perpustakaan")
    expect(page.get_by_label("Topic")).to_have_value("Books")
    expect(page.get_by_label("Only members you add")).to_be_checked()


def test_each_label_on_the_room_settings_page_focuses_its_own_field(visitor, alice, owned_kitchen):
    page = visitor().log_in(alice).page
    page.goto("/rooms/kitchen/edit/")
    page.get_by_text("Username or display name").click()
    expect(page.locator("#member_name")).to_be_focused()


def test_a_link_to_a_private_room_shows_the_login_page_and_creates_no_room(visitor, vault):
    page = visitor().page
    page.goto("/rooms/vault/")
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()
    page.get_by_role("link", name="Join as a guest").click()
    expect(page.get_by_label("Room")).to_have_value("")
    page.get_by_label("Display name").fill("Ayu")
    page.get_by_role("button", name="Enter").click()
    expect(page.get_by_text("Enter a room name.")).to_be_visible()
    assert Room.objects.count() == 1


def test_an_open_page_follows_a_room_that_is_made_private(visitor, alice, bob, owned_kitchen):
    owner, reader = visitor().log_in(alice), visitor().log_in(bob).join_room("kitchen")
    reader.send_message("Before").see_message("Before")
    reader.write("A draft")
    owner.page.goto("/rooms/kitchen/about/")
    owner.page.get_by_role("link", name="Edit").click()
    owner.page.get_by_label("Only members you add").check()
    owner.page.get_by_role("button", name="Save").click()
    expect(owner.page.get_by_text("Saved")).to_be_visible()

    slug = Room.objects.get().slug
    expect(reader.page).to_have_url(re.compile(f"/rooms/{slug}/$"))
    expect(reader.page.locator(".message .when").first).to_have_attribute("href", f"/rooms/{slug}/1/")
    expect(reader.page.locator(f'.rooms-side [data-slug="{slug}"]')).to_have_count(1)
    expect(reader.page.locator('.rooms-side [data-slug="kitchen"]')).to_have_count(0)
    reader.page.reload()
    expect(reader.wait_for_room().page.locator("#text")).to_have_value("A draft")
    reader.send_message("After").see_message("After")


def test_messages_written_offline_never_reach_a_new_room_at_the_old_url(
    visitor, alice, bob, charlie, owned_kitchen
):
    reader = visitor().log_in(bob).join_room("kitchen")
    reader.go_offline()
    reader.see_state("You are offline")
    reader.send_message("For members").see_pending("For members")
    private = rooms.update(owned_kitchen, by=alice, kind=Room.PRIVATE)
    new = rooms.create("Kitchen", by=charlie)
    reader.go_online()
    reader.see_message("For members").see_nothing_pending()
    expect(reader.page).to_have_url(re.compile(f"/rooms/{private.slug}/$"))
    assert Message.objects.get().room == private

    reader.go_offline()
    reader.see_state("You are offline")
    reader.send_message("Still unsent").see_pending("Still unsent")
    other = reader.new_tab()
    reader.go_online()
    other.goto("/rooms/kitchen/")
    expect(other.locator("[data-room]")).to_have_attribute("data-live", "open")
    reader.see_message("Still unsent")
    assert not Message.objects.filter(room=new).exists()
