"""The states of moderation that the audit examines: forms, pages, and what a sanctioned person sees."""

from __future__ import annotations

from playwright.sync_api import expect

from .states import focused_message, state


@state(person="Hana")
def form_for_a_report(visitor, sample):
    open_form(visitor, sample, "Report…")


@state(person="Dewi")
def form_for_moderating(visitor, sample):
    open_form(visitor, sample, "Moderate…")
    visitor.page.get_by_label("Mute", exact=True).check()
    visitor.page.get_by_label("Reason", exact=True).select_option("spam")


@state(person="Dewi")
def form_for_moderating_with_an_error(visitor, sample):
    open_form(visitor, sample, "Moderate…")
    visitor.page.get_by_label("Warn", exact=True).check()
    visitor.page.get_by_role("button", name="Confirm").click()
    expect(visitor.page.locator("dialog .field-error").first).to_be_visible()


@state()
def page_for_moderating(visitor, sample):
    visitor.page.goto(f"/rooms/{sample.kitchen.slug}/people/{sample.people['Budi'].pk}/moderate/")
    visitor.page.get_by_label("Ban", exact=True).check()
    visitor.page.get_by_label("For", exact=True).select_option("other")


@state(person="Dewi")
def moderation_of_a_room(visitor, sample):
    visitor.page.goto(f"/rooms/{sample.moderated.slug}/moderation/")
    expect(visitor.page.get_by_role("button", name="Approve")).to_be_visible()


@state(person="Dewi")
def case_of_a_room(visitor, sample):
    case = sample.moderated.cases.get()
    visitor.page.goto(f"/rooms/{sample.moderated.slug}/moderation/cases/{case.pk}/")
    visitor.page.locator("details").evaluate_all("list => list.forEach((one) => { one.open = true; })")


@state(person="Dewi")
def actions_for_a_person(visitor, sample):
    visitor.join_room(sample.kitchen.slug)
    if visitor.page.viewport_size["width"] < 900:
        visitor.page.locator("[data-people-button]").click()
    others = visitor.page.locator(".person-name:not(.me):visible")
    if others.count():
        others.first.click()
        expect(visitor.page.locator("[data-card]")).to_be_visible()


@state(person="Eko")
def muted(visitor, sample):
    visitor.join_room(sample.moderated.slug)
    expect(visitor.page.locator("[data-gate]")).to_contain_text("left")


@state(person="Farah")
def warned(visitor, sample):
    visitor.join_room(sample.moderated.slug)
    expect(visitor.page.get_by_role("button", name="I understand")).to_be_visible()


@state(person="Gilang")
def banned(visitor, sample):
    visitor.page.goto(f"/rooms/{sample.moderated.slug}/")


@state(person="Eko")
def own_sanctions(visitor, sample):
    visitor.page.goto("/sanctions/")
    expect(visitor.page.get_by_role("button", name="Send appeal").first).to_be_visible()


@state(person="Budi")
def slow_mode(visitor, sample):
    visitor.join_room(sample.moderated.slug)
    visitor.write("Tomatoes are ripe").click_send()
    visitor.write("And basil")
    expect(visitor.page.locator(".send[data-wait]")).to_be_visible()


@state(person="Hana")
def message_that_waits(visitor, sample):
    visitor.join_room(sample.moderated.slug)
    expect(visitor.page.locator(".held-note")).to_be_visible()


@state(person="Citra")
def locked_room(visitor, sample):
    visitor.join_room(sample.locked.slug)
    expect(visitor.page.locator("[data-gate]")).to_be_visible()


def open_form(visitor, sample, entry: str) -> None:
    focused_message(visitor, sample)
    visitor.page.keyboard.press("Shift+F10")
    visitor.page.get_by_role("menuitem", name=entry).click()
    expect(visitor.page.locator("dialog[open] form")).to_be_visible()
