"""The states of the pages about notifications."""

from __future__ import annotations

from playwright.sync_api import expect

from .states import state


@state()
def notifications(visitor, sample):
    visitor.page.goto("/accounts/notifications/")
    expect(visitor.page.get_by_role("button", name="Turn on notifications")).to_be_visible()


@state()
def notifications_with_an_error(visitor, sample):
    visitor.page.goto("/accounts/notifications/")
    visitor.page.get_by_label("Quiet from").fill("22:00")
    visitor.page.get_by_role("button", name="Save").click()
    expect(visitor.page.locator(".field-error").first).to_be_visible()
