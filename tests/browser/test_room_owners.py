"""Owners and moderators invite people, pin messages, describe a room, and hand it over."""

import re

import pytest
from playwright.sync_api import expect

from chat.models import Description, Membership, User
from chat.views.members import PAGE_SIZE

pytestmark = pytest.mark.once

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}


@pytest.fixture
def owner(visitor, kitchen, vault, alice):
    """Alice owns both rooms; Bob moderates them."""
    Membership.objects.filter(user=alice).update(role=Membership.OWNER)
    return visitor().log_in(alice)


def test_an_invite_link_leads_a_visitor_as_a_guest_into_a_private_room(visitor, owner):
    page = owner.page
    page.goto("/rooms/vault/about/")
    page.get_by_role("link", name="Invite people").click()
    page.get_by_label("Can be used by").select_option("1 person")
    page.get_by_role("button", name="Make a link").click()
    link = page.get_by_label("The new link").input_value()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_text("Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == link

    guest = visitor(**PHONE)
    guest.page.goto(link)
    expect(guest.page.get_by_role("heading", name="You are invited to Vault")).to_be_visible()
    guest.page.get_by_label("Display name").fill("Gus")
    guest.page.get_by_role("button", name="Join as a guest").click()
    guest.wait_for_room().write("Hello").click_send().see_message("Hello")
    late = visitor()
    late.page.goto(link)
    expect(late.page.get_by_text("has been used as often as it could be")).to_be_visible()
    page.goto("/rooms/vault/links/")
    expect(page.get_by_text("No link works now.")).to_be_visible()


def test_an_account_logs_in_on_the_way_and_a_revoked_link_admits_nobody(visitor, owner, charlie):
    charlie.set_password("a quiet pond 7")
    charlie.save()
    owner.page.goto("/rooms/vault/links/")
    owner.page.get_by_role("button", name="Make a link").click()
    link = owner.page.get_by_label("The new link").input_value()
    person = visitor().page
    person.goto(link)
    person.get_by_role("link", name="Log in").click()
    person.get_by_label("Username").fill("charlie")
    person.get_by_label("Password").fill("a quiet pond 7")
    person.get_by_role("button", name="Log in").click()
    expect(person.get_by_text("You join as Charlie.")).to_be_visible()
    owner.page.get_by_role("button", name="Revoke").click()
    expect(owner.page.get_by_text("The link no longer works")).to_be_visible()
    person.get_by_role("button", name="Join").click()
    expect(person.get_by_text("was revoked")).to_be_visible()


def test_a_pin_appears_on_every_open_page_and_leads_to_the_message(visitor, owner, bob):
    moderator, reader = visitor().log_in(bob).join_room("kitchen"), visitor().join_as_guest("Gus", "Kitchen")
    reader.send_message("The rules").see_message("The rules")
    pins = reader.page.get_by_title("Pinned messages")
    expect(pins).to_be_hidden()
    choose(moderator, "The rules", "Pin")
    for person in (moderator, reader):
        expect(person.page.get_by_title("Pinned messages")).to_have_text(re.compile(r"^\s*1 pinned\s*$"))
        expect(person.message("The rules").locator(".pin")).to_be_visible()
    reader.send_message("Something else").see_message("Something else")
    pins.click()
    expect(reader.page.locator(".pinned > li")).to_have_count(1)
    reader.page.get_by_role("link", name="Show in the room: the message of Gus").click()
    expect(reader.wait_for_room().page.locator(".message.target")).to_contain_text("The rules")
    choose(moderator, "The rules", "Unpin")
    expect(pins).to_be_hidden()
    expect(reader.message("The rules").locator(".pin")).to_be_hidden()
    choose(moderator, "The rules", "Pin")
    expect(pins).to_be_visible()
    moderator.go_offline()
    moderator.see_state("You are offline")
    reader.page.locator(".message.target").press("Shift+F10")
    reader.page.get_by_role("menuitem", name="Delete").click()
    expect(pins).to_be_hidden()
    moderator.go_online()
    expect(moderator.page.get_by_title("Pinned messages")).to_be_hidden()


def choose(person, text, entry):
    person.message(text).hover()
    person.message(text).get_by_role("button", name="More").click()
    person.page.get_by_role("menuitem", name=entry, exact=True).click()


def test_an_owner_hands_the_room_over_and_can_then_leave(owner):
    page = owner.page
    page.goto("/rooms/vault/leave/")
    page.get_by_role("button", name="Leave room").click()
    expect(page.get_by_text("You are the only owner of this room.")).to_be_visible()
    page.get_by_role("link", name="Hand the room over").click()
    page.get_by_label("New owner").fill("bob")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Hand Vault over to Bob?")).to_be_visible()
    page.get_by_role("button", name="Hand over").click()
    expect(page.get_by_text("Bob owns Vault now. You are a moderator.")).to_be_visible()
    page.get_by_role("link", name="Leave room").click()
    page.get_by_role("button", name="Leave room").click()
    expect(page.get_by_text("You left Vault")).to_be_visible()


def test_a_description_is_written_by_keyboard_on_a_small_screen(visitor, owner, alice):
    page = visitor(viewport={"width": 360, "height": 740}).log_in(alice).page
    page.goto("/rooms/kitchen/about/")
    tab_to(page, page.get_by_role("link", name="Edit")).press("Enter")
    description = tab_to(page, page.get_by_label("Description"))
    page.keyboard.type("Read the [rules](https://example.org/rules)")
    description.press("Tab")
    tab_to(page, page.get_by_role("button", name="Save")).press("Enter")
    expect(page.locator(".description").get_by_role("link", name="rules")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert Description.objects.get().text == "Read the [rules](https://example.org/rules)"
    page.get_by_role("link", name="Back to the room").click()
    expect(page.locator(".about-room").get_by_role("link", name="rules")).to_be_visible()


def tab_to(page, element):
    for _ in range(40):
        page.keyboard.press("Tab")
        if element.evaluate("one => one === document.activeElement"):
            return element
    raise AssertionError("The focus does not reach the element")


def test_the_members_of_a_large_room_are_searched_and_paged(owner, kitchen):
    people = [
        User(username=f"p{n:03}", name=f"Person {n:03}", name_key=f"person{n}") for n in range(PAGE_SIZE + 5)
    ]
    User.objects.bulk_create(people)
    Membership.objects.bulk_create(Membership(room=kitchen, user=person) for person in people)
    page = owner.page
    page.goto("/rooms/kitchen/about/")
    page.get_by_role("link", name="Next").click()
    expect(page.locator(".members .person-name")).to_have_count(7)
    page.get_by_role("searchbox").fill("person 05")
    page.get_by_role("button", name="Search").click()
    expect(page.locator(".members .person-name")).to_have_count(5)
