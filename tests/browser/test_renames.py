"""A new room name or display name replaces the old one everywhere on an open page."""

import pytest
from playwright.sync_api import expect

from chat.models import Room, User

pytestmark = pytest.mark.once


def test_an_open_page_shows_the_new_name_topic_and_kind_of_the_room(visitor, alice, bob, kitchen):
    page = visitor().log_in(alice).join_room("kitchen").page
    # A direct update sends no notification. The heartbeat finds the change.
    Room.objects.filter(pk=kitchen.pk).update(name="Dapur", topic="Soup", kind=Room.PRIVATE)
    expect(page.locator("[data-room-name]")).to_have_text("Dapur")
    expect(page.locator("[data-room-topic]")).to_have_text("Soup")
    expect(page.locator(".room-head .lock")).to_be_visible()
    expect(page.locator("#text")).to_have_attribute("placeholder", "Message Dapur")
    expect(page.get_by_label("Message Dapur")).to_be_visible()
    expect(page.locator("[data-scroller]")).to_have_attribute("aria-label", "Messages in Dapur")
    expect(page.locator("[data-edge]")).to_have_text("This is the beginning of Dapur.")
    expect(page).to_have_title("Dapur · Obrolan")
    Room.objects.filter(pk=kitchen.pk).update(kind=Room.PUBLIC)
    expect(page.locator(".room-head .lock")).to_be_hidden()


def test_an_open_page_shows_a_new_display_name_on_messages_and_in_the_member_list(
    visitor, alice, bob, kitchen
):
    alices, bobs = visitor().log_in(alice).join_room("kitchen"), visitor().log_in(bob).join_room("kitchen")
    bobs.send_message("Hello")
    alices.see_message("Hello")
    User.objects.filter(pk=bob.pk).update(name="Zoltan")
    for viewer in (alices, bobs):
        expect(viewer.page.locator(".message .author")).to_have_text("Zoltan")
        expect(viewer.page.locator(".message .avatar")).to_have_text("Z")
        expect(viewer.page.locator("[data-people] .person-name")).to_have_text(["Alice", "Zoltan"])
        expect(viewer.page.locator(".notice").filter(has_text="Zoltan")).to_have_count(0)
    bobs.send_message("Still me")
    alices.see_message("Still me")
    expect(alices.page.locator(".message .author").last).to_have_text("Zoltan")
