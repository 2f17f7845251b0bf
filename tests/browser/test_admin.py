"""The admin under the Content-Security-Policy of all pages. An error in the console fails a test."""

from uuid import uuid4

import pytest
from playwright.sync_api import expect

from chat.actions.messages import Draft, post
from chat.models import User

pytestmark = pytest.mark.once


@pytest.fixture
def rut(site):
    return User.objects.create_superuser("rut")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_admin_page_complies_with_the_content_security_policy(visitor, rut, alice, kitchen, scheme):
    page = visitor(color_scheme=scheme).log_in(rut).page
    page.goto("/admin/")
    tables = page.get_by_role("navigation", name="Tables").get_by_role("link")
    addresses = [link.get_attribute("href") for link in tables.all()]
    for address in addresses[1:]:
        page.goto(address)
        expect(page.locator("#content h1")).to_be_visible()
    for rows in ("room", "membership", "user", "invitation"):
        page.goto(f"/admin/chat/{rows}/add/")
        expect(page.get_by_role("button", name="Save", exact=True)).to_be_visible()
    page.goto(f"/admin/chat/user/{alice.pk}/change/")
    expect(page.get_by_role("heading", name="Record of Alice")).to_be_visible()


def test_a_member_is_added_by_the_names_of_the_room_and_the_person(visitor, rut, charlie, vault):
    page = visitor().log_in(rut).page
    page.goto("/admin/chat/membership/add/")
    page.get_by_label("Room").fill("Vault")
    page.get_by_label("Person").fill("charlie")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".success")).to_contain_text("was added successfully")
    assert vault.memberships.filter(user=charlie).exists()


@pytest.mark.parametrize("width", [360, 1440])
def test_one_long_word_does_not_widen_a_list(visitor, rut, alice, kitchen, width):
    post([Draft(kitchen.pk, alice.pk, uuid4(), "Donaudampfschifffahrt" * 60)])
    page = visitor(viewport={"width": width, "height": 800}).log_in(rut).page
    page.goto("/admin/chat/message/")
    expect(page.get_by_role("link", name="Kitchen")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_a_message_that_a_moderator_hides_disappears_from_all_open_pages(visitor, rut, alice, bob, kitchen):
    author = visitor().log_in(alice).join_room("kitchen")
    reader = visitor().log_in(bob).join_room("kitchen")
    author.send_message("Something unkind")
    message = reader.page.locator(".words").get_by_text("Something unkind")
    expect(message).to_be_visible()

    admin = visitor().log_in(rut).page
    admin.goto("/admin/chat/message/")
    admin.get_by_role("link", name="Something unkind").click()
    admin.get_by_role("button", name="Hide this message").click()
    for person in (author, reader):
        expect(person.page.get_by_text("Hidden by a moderator")).to_be_visible()
        expect(person.page.get_by_text("Something unkind")).to_have_count(0)

    admin.get_by_role("button", name="Restore this message").click()
    expect(message).to_be_visible()


def test_the_first_administrator_creates_an_account_in_the_browser(visitor, site):
    link = site.manage("first_admin_link").split("http://localhost")[1].strip()
    page = visitor().page
    page.goto(link)
    page.get_by_label("Username").fill("rut")
    page.get_by_label("Display name").fill("Rut")
    page.get_by_label("Password").fill("a quiet pond 7")
    page.get_by_role("button", name="Create account").click()
    page.get_by_role("button", name="Rut").click()
    page.get_by_role("link", name="Admin").click()
    expect(page.get_by_role("heading", name="What needs attention")).to_be_visible()
    assert User.objects.get().is_superuser
