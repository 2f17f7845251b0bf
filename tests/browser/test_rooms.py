"""Rooms in the browser: forms keep their text, and an open page follows its room to a new address."""

import re

import pytest
from playwright.sync_api import expect

from chat.actions import rooms
from chat.models import Membership, Message, Room


@pytest.fixture
def owned_kitchen(kitchen, alice):
    Membership.objects.filter(room=kitchen, user=alice).update(role=Membership.OWNER)
    return kitchen


@pytest.mark.parametrize("way", ["Cancel", "Create room"])
def test_going_back_to_the_form_of_a_new_room_brings_its_text_back(visitor, alice, way):
    page = visitor().sign_in(alice).page
    page.goto("/rooms/new/")
    page.get_by_label("Name").fill("Perpustakaan")
    page.get_by_label("Topic").fill("Books")
    page.get_by_label("Only members you add").check()
    page.get_by_role("button" if way == "Create room" else "link", name=way).click()
    page.wait_for_url(re.compile(r"/$|/rooms/perpustakaan-"))
    page.go_back()
    expect(page.get_by_label("Name")).to_have_value("Perpustakaan")
    expect(page.get_by_label("Topic")).to_have_value("Books")
    expect(page.get_by_label("Only members you add")).to_be_checked()


def test_each_label_of_the_page_about_a_room_focuses_its_own_field(visitor, alice, owned_kitchen):
    page = visitor().sign_in(alice).page
    page.goto("/rooms/kitchen/about/")
    page.get_by_text("Username or display name").click()
    expect(page.locator("#member_name")).to_be_focused()


def test_a_private_link_shows_a_visitor_the_login_and_makes_no_room(visitor, vault):
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
    owner, reader = visitor().sign_in(alice), visitor().sign_in(bob).join_room("kitchen")
    reader.send_message("Before").see_message("Before")
    reader.write("A draft")
    owner.page.goto("/rooms/kitchen/about/")
    owner.page.get_by_label("Only members you add").check()
    owner.page.get_by_role("button", name="Save").click()
    expect(owner.page.get_by_text("Saved")).to_be_visible()

    now = Room.objects.get().slug
    expect(reader.page).to_have_url(re.compile(f"/rooms/{now}/$"))
    expect(reader.page.locator(".message .when").first).to_have_attribute("href", f"/rooms/{now}/1/")
    expect(reader.page.locator(f'.rooms-side [data-slug="{now}"]')).to_have_count(1)
    expect(reader.page.locator('.rooms-side [data-slug="kitchen"]')).to_have_count(0)
    reader.page.reload()
    expect(reader.be_in_room().page.locator("#text")).to_have_value("A draft")
    reader.send_message("After").see_message("After")


def test_what_was_written_offline_never_reaches_a_new_room_at_the_old_address(
    visitor, alice, bob, charlie, owned_kitchen
):
    reader = visitor().sign_in(bob).join_room("kitchen")
    reader.go_offline()
    reader.see_state("You are offline")
    reader.send_message("For members").see_pending("For members")
    closed = rooms.update(owned_kitchen, by=alice, kind=Room.PRIVATE)
    new = rooms.create("Kitchen", by=charlie)
    reader.come_back_online()
    reader.see_message("For members").see_nothing_pending()
    expect(reader.page).to_have_url(re.compile(f"/rooms/{closed.slug}/$"))
    assert Message.objects.get().room == closed

    reader.go_offline()
    reader.see_state("You are offline")
    reader.send_message("Still unsent").see_pending("Still unsent")
    other = reader.tab()
    reader.come_back_online()
    other.goto("/rooms/kitchen/")
    expect(other.locator("[data-room]")).to_have_attribute("data-live", "open")
    reader.see_message("Still unsent")
    assert not Message.objects.filter(room=new).exists()
