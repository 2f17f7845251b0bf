"""The states of the pages about one's own account that the audit examines."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.people.pictures import SVG, picture

from .states import state

BAD = {"name": "me.svg", "mimeType": "image/svg+xml", "buffer": SVG}


@state(person="Hana")
def profile_with_a_picture(visitor, sample):
    page = visitor.page
    page.goto("/accounts/profile/")
    page.locator("#picture").set_input_files(BAD | {"name": "me.png", "buffer": picture()})
    page.get_by_role("button", name="Upload picture").click()
    expect(page.locator(".own-picture img")).to_be_visible()


@state(person="Dewi")
def profile_with_an_error(visitor, sample):
    visitor.page.goto("/accounts/profile/")
    visitor.page.locator("#picture").set_input_files(BAD)
    visitor.page.get_by_role("button", name="Upload picture").click()
    expect(visitor.page.locator(".field-error")).to_be_visible()


@state()
def profile_devices(visitor, sample):
    visitor.page.goto("/accounts/devices/")


@state()
def profile_data(visitor, sample):
    visitor.page.goto("/accounts/data/")


@state()
def profile_deletion(visitor, sample):
    visitor.page.goto("/accounts/delete/")


@state(person="")
def profile_of_a_guest(visitor, sample):
    visitor.join_as_guest("Tamu", "Kitchen")
    visitor.page.goto("/accounts/profile/")


@state(person="")
def profile_of_a_guest_who_becomes_an_account(visitor, sample):
    visitor.join_as_guest("Tamu", "Kitchen")
    visitor.page.goto("/accounts/signup/")
