"""The states of a room's own pages that the audit examines: its people, settings, invite links and pins."""

from __future__ import annotations

from playwright.sync_api import expect

from .states import focused_message, state


@state()
def room_with_a_description(visitor, sample):
    visitor.page.goto(f"/rooms/{sample.garden.slug}/about/")
    expect(visitor.page.locator(".description")).to_be_visible()


@state()
def settings_of_a_room(visitor, sample):
    visitor.page.goto(f"/rooms/{sample.garden.slug}/edit/")


@state()
def invite_links_of_a_room(visitor, sample):
    visitor.page.goto(f"/rooms/{sample.garden.slug}/links/")
    visitor.page.get_by_role("button", name="Make a link").click()
    expect(visitor.page.get_by_label("The new link")).to_be_visible()


@state(person="")
def invitation_for_a_visitor(visitor, sample):
    visitor.page.goto(invitation(sample))
    expect(visitor.page.get_by_role("button", name="Join as a guest")).to_be_visible()


@state(person="")
def invite_link_that_does_not_work(visitor, sample):
    visitor.page.goto("/join/nothing/")


@state()
def pinned_messages(visitor, sample):
    visitor.page.goto(f"/rooms/{sample.garden.slug}/pinned/")
    expect(visitor.page.locator(".pinned > li")).to_have_count(2)


@state()
def beginning_of_a_room_with_a_description(visitor, sample):
    visitor.join_room(sample.garden.slug)
    expect(visitor.page.locator(".about-room")).to_be_visible()
    expect(visitor.page.locator(".pins-link")).to_contain_text("2")


@state()
def handing_a_room_over(visitor, sample):
    visitor.page.goto(f"/rooms/{sample.garden.slug}/edit/owner/")
    visitor.page.get_by_label("New owner").fill("Citra")
    visitor.page.get_by_role("button", name="Continue").click()
    expect(visitor.page.get_by_role("button", name="Hand over")).to_be_visible()


@state()
def archiving_a_room(visitor, sample):
    visitor.page.goto(f"/rooms/{sample.garden.slug}/edit/archive/")


@state()
def last_owner_who_leaves(visitor, sample):
    visitor.page.goto(f"/rooms/{sample.garden.slug}/leave/")
    visitor.page.get_by_role("button", name="Leave room").click()
    expect(visitor.page.get_by_role("link", name="Hand the room over")).to_be_visible()


@state(person="Dewi")
def menu_of_a_moderator(visitor, sample):
    focused_message(visitor, sample).press("Shift+F10")
    expect(visitor.page.get_by_role("menuitem", name="Pin", exact=True)).to_be_visible()


def invitation(sample) -> str:
    from chat.actions import join_links

    _, token = join_links.make(sample.garden, by=sample.people["Ayu"], age="day", uses="5")
    return f"/join/{token}/"
