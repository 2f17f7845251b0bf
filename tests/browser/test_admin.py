"""The admin under the Content-Security-Policy of all pages. An error in the console fails a test."""

import pytest
from playwright.sync_api import expect

from chat.models import User


@pytest.fixture
def rut(site):
    return User.objects.create_superuser("rut")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_admin_page_complies_with_the_content_security_policy(visitor, rut, alice, kitchen, scheme):
    page = visitor(color_scheme=scheme).log_in(rut).page
    page.goto("/admin/")
    for rows in ("message", "room", "membership", "user", "invitation"):
        page.goto(f"/admin/chat/{rows}/")
        expect(page.locator("#content h1")).to_be_visible()
    for rows in ("room", "membership", "user", "invitation"):
        page.goto(f"/admin/chat/{rows}/add/")
        expect(page.get_by_role("button", name="Save", exact=True)).to_be_visible()
    page.goto(f"/admin/chat/user/{alice.pk}/change/")
    page.get_by_role("button", name="Toggle theme").first.click()


def test_a_room_and_a_user_are_found_by_autocomplete(visitor, rut, charlie, vault):
    page = visitor().log_in(rut).page
    page.goto("/admin/chat/membership/add/")
    for field, typed, name in (("room", "vau", "Vault"), ("user", "char", "Charlie")):
        page.locator(f"#id_{field} + .select2").click()
        page.locator(".select2-search__field").fill(typed)
        page.locator(".select2-results__option", has_text=name).click()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".success")).to_contain_text("was added successfully")
    assert vault.memberships.filter(user=charlie).exists()


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

    admin.get_by_role("link", name="Something unkind").first.click()
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
    expect(page.get_by_role("heading", name="Moderation")).to_be_visible()
    assert User.objects.get().is_superuser
