"""What a moderator does on the pages of the admin."""

from playwright.sync_api import expect


def open_person(admin, name):
    admin.goto("/admin/chat/user/")
    admin.get_by_label("Name", exact=True).fill(name)
    admin.get_by_role("button", name="Search").click()
    admin.get_by_role("link", name=name, exact=True).first.click()


def sanction(admin, kind, words):
    admin.get_by_label("What to do").select_option(kind)
    admin.get_by_label("In your words").first.fill(words)
    admin.get_by_role("button", name="Sanction").click()
    expect(admin.locator(".messagelist")).to_be_visible()
