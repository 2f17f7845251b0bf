"""Another name of a room or a person appears on the open page, everywhere the old one was."""

from playwright.sync_api import expect

from chat.models import Room, User


def test_an_open_page_follows_the_rooms_name_topic_and_kind(visitor, alice, bob, kitchen):
    page = visitor().sign_in(alice).join_room("kitchen").page
    # Written past the actions, so that no hint is sent: the heartbeat alone notices.
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


def test_an_open_page_follows_a_display_name(visitor, alice, bob, kitchen):
    hers, his = visitor().sign_in(alice).join_room("kitchen"), visitor().sign_in(bob).join_room("kitchen")
    his.send_message("Hello")
    hers.see_message("Hello")
    User.objects.filter(pk=bob.pk).update(name="Zoltan")
    for person in (hers, his):
        expect(person.page.locator(".message .author")).to_have_text("Zoltan")
        expect(person.page.locator(".message .avatar")).to_have_text("Z")
        expect(person.page.locator("[data-people] .person-name")).to_have_text(["Alice", "Zoltan"])
        expect(person.page.locator(".notice").filter(has_text="Zoltan")).to_have_count(0)
    his.send_message("Still me")
    hers.see_message("Still me")
    expect(hers.page.locator(".message .author").last).to_have_text("Zoltan")
