"""Pages about one's own account: what others see, devices, deletion, and a guest who becomes an account."""

import re

import pytest
from playwright.sync_api import expect

from chat.models import Device, Membership, User
from tests.people.pictures import SVG, picture

pytestmark = pytest.mark.once

PHONE = {"viewport": {"width": 360, "height": 740}}
PASSWORD = "a quiet pond 7"  # nosec


def fits(page, heading: str) -> bool:
    """Whether the page with this heading is not wider than the screen, once it is there."""
    expect(page.get_by_role("heading", name=heading, exact=True, level=1)).to_be_visible()
    return page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_others_see_a_new_picture_and_name_at_once_and_the_owner_too(visitor, alice, bob, kitchen):
    alices, bobs = (
        visitor(**PHONE).log_in(alice).join_room("kitchen"),
        visitor().log_in(bob).join_room("kitchen"),
    )
    alices.send_message("Hello")
    bobs.see_message("Hello")
    seen = bobs.page.locator(".message .avatar img")
    expect(seen).to_have_count(0)
    lobby, own = alices.new_tab(), alices.new_tab()
    lobby.goto("/")
    own.goto("/accounts/profile/")
    assert fits(own, "Profile")
    upload = {"name": "me.svg", "mimeType": "image/svg+xml", "buffer": SVG}
    own.get_by_label("Your picture").set_input_files(upload)
    own.get_by_role("button", name="Upload picture").press("Enter")
    expect(own.get_by_role("alert")).to_have_text(
        "This is not a picture that can be read. Use JPEG, PNG, WebP or GIF."
    )
    own.get_by_label("Your picture").set_input_files(upload | {"name": "me.png", "buffer": picture()})
    own.get_by_role("button", name="Upload picture").press("Enter")
    expect(own.get_by_role("status")).to_have_text("Your new picture is shown")
    for page in (bobs.page, alices.page):
        shown = page.locator(".message .avatar img")
        expect(shown).to_have_attribute("src", re.compile(rf"/pictures/{alice.pk}-\w+-small\.webp"))
        expect(shown).to_have_js_property("naturalWidth", 80)
    expect(bobs.page.locator("[data-people] .avatar img")).to_have_count(1)
    expect(lobby.locator(".me-button .avatar img")).to_have_count(1)
    expect(alices.page.locator(":has(> .me-name) > .avatar img")).to_have_count(
        2
    )  # of the room's menu as well
    own.get_by_label("Display name").fill("Zoltan")
    own.get_by_label("Display name").press("Enter")
    expect(bobs.page.locator(".message .author")).to_have_text("Zoltan")
    expect(lobby.locator(".me-name")).to_have_text("Zoltan")
    expect(alices.page.locator(".me-name")).to_have_text(["Zoltan", "Zoltan"])
    expect(bobs.page.locator(".me-name")).to_have_text(["Bob", "Bob"])
    expect(seen).to_have_count(1)
    alices.send_message("Still me")
    expect(seen).to_have_count(2)
    own.get_by_role("button", name="Remove picture").press("Enter")
    expect(seen).to_have_count(0)
    expect(bobs.page.locator(".message .avatar").first).to_have_text("Z")
    own.get_by_label("Time zone").select_option("America/New_York")
    own.get_by_role("button", name="Save time zone").click()
    alices.page.reload()
    alices.wait_for_room()
    server_time = alices.page.locator(".message time").first.text_content()
    alices.send_message("What time is it?")
    expect(alices.page.locator(".message time").last).to_have_text(re.compile(server_time[:2]))


def test_a_person_logs_out_elsewhere_and_then_deletes_the_account(visitor, alice, bob, kitchen):
    alice.set_password(PASSWORD)
    alice.save()
    here, phone = visitor(**PHONE).log_in(alice), visitor().log_in(alice).join_room("kitchen")
    bobs = visitor().log_in(bob).join_room("kitchen")
    phone.send_message("Hello")
    bobs.see_message("Hello")
    page = here.page
    page.goto("/")
    page.get_by_role("button", name="Alice").press("Enter")
    page.get_by_role("link", name="Profile").press("Enter")
    page.get_by_role("link", name="Devices").press("Enter")
    assert fits(page, "Devices")
    expect(page.locator(".device-name")).to_have_count(2)
    page.get_by_role("button", name="Log out there").press("Enter")
    expect(page.locator(".device-name")).to_have_count(1)
    expect(phone.page.get_by_role("link", name="Log in", exact=True)).to_be_visible()
    assert Device.objects.filter(user=alice).count() == 1
    page.get_by_role("link", name="Your data").press("Enter")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download my data").press("Enter")
    assert download.value.suggested_filename.endswith(".json")
    page.get_by_role("link", name="Delete my account").press("Enter")
    assert fits(page, "Delete my account")
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_label("Your password").press("Enter")
    expect(page.get_by_text("Your account was deleted")).to_be_visible()
    expect(bobs.page.locator(".message .author")).to_have_text("Deleted account")


def test_a_guest_becomes_an_account_while_the_room_is_open_and_the_text_stays(visitor, server):
    ayu = visitor(**PHONE).join_as_guest("Ayu", "Kitchen")
    ayu.send_message("Hello").see_message("Hello").write("half a sentence")
    form = ayu.new_tab()
    form.goto("/")
    form.get_by_role("button", name="Ayu").press("Enter")
    form.get_by_role("link", name="Keep this name: make it an account").press("Enter")
    assert fits(form, "Keep this name")
    form.get_by_label("Username").fill("ayu")
    form.get_by_label("Password").fill(PASSWORD)
    form.get_by_label("Password").press("Enter")
    expect(form.get_by_text("You have an account now.")).to_be_visible()
    expect(ayu.page.locator(".message .badge")).to_be_hidden()
    ayu.wait_for_room()
    expect(ayu.page.locator("#text")).to_have_value("half a sentence")
    ayu.page.locator("#text").press("Enter")
    ayu.see_message("half a sentence").see_nothing_pending()
    user = User.objects.get(username="ayu")
    assert not user.is_guest and Membership.objects.filter(user=user).exists()
